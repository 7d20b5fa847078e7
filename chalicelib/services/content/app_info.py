"""What the app asks before anybody signs in: whether it must be updated, whether we are well, what to show."""

from datetime import datetime, timedelta

from chalicelib.domain.banner import Banner
from chalicelib.domain.problems import Problem
from chalicelib.domain.release import Release
from chalicelib.tables import app_info
from chalicelib.tables.dynamodb import fetch_one, is_available
from chalicelib.world import World

CACHE_TTL = timedelta(seconds=60)


class BannerCache:
    """The banners a warm Lambda holds: all of them, for their days begin and end meanwhile."""

    banners: tuple[datetime, list[Banner]] | None = None


def release(world: World, platform: str) -> Release:  # noqa: ARG001  every verb takes the world
    """The platform's newest release. Raises Problem("not_found") where there is none."""
    match = fetch_one(app_info.release_key(platform))
    if match is None:
        raise Problem("not_found")
    return match


def banners(world: World) -> list[Banner]:
    """Those to be shown now, in order."""
    now, cached = world.now(), BannerCache.banners
    if cached is None or not timedelta() <= now - cached[0] < CACHE_TTL:
        cached = BannerCache.banners = (now, app_info.banners())
    return [banner for banner in cached[1] if banner.shown_at(now)]


def check_health(world: World) -> None:  # noqa: ARG001
    """Touch the storage once, without patience. Raises Problem("storage_unavailable") with what is away."""
    if not is_available(app_info.release_key("any")):
        raise Problem("storage_unavailable", retry_after_seconds=5, away=["storage"])
