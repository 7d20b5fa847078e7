"""What the app asks before anybody signs in: whether it must be updated, whether we are well, what to show."""

from datetime import timedelta

from chalicelib.domain.banner import Banner
from chalicelib.domain.problems import Problem
from chalicelib.domain.release import Release
from chalicelib.services.warm_cache import WarmCache
from chalicelib.tables import app_info
from chalicelib.tables.dynamodb import fetch_one, is_available
from chalicelib.world import World

CACHE_TTL = timedelta(seconds=60)
banner_cache: WarmCache[list[Banner]] = WarmCache()
"""All banners, since some begin or end while they are cached."""


def release(platform: str) -> Release:
    """The platform's newest release. Raises Problem("not_found") where there is none."""
    match = fetch_one(app_info.release_key(platform))
    if match is None:
        raise Problem("not_found")
    return match


def banners(world: World) -> list[Banner]:
    """Those to be shown now, in order."""
    now = world.now()
    return [banner for banner in banner_cache.get(now, CACHE_TTL, app_info.banners) if banner.shown_at(now)]


def check_health() -> None:
    """Touch the storage once, without patience. Raises Problem("storage_unavailable") with what is away."""
    if not is_available(app_info.release_key("any")):
        raise Problem("storage_unavailable", retry_after_seconds=5, away=["storage"])
