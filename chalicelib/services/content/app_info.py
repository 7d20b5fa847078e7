"""Reads what the app shows before sign-in: releases and banners. Checks the health of the service."""

from datetime import timedelta

from chalicelib.domain.content.app_release import Release
from chalicelib.domain.content.banner import Banner
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.services.warm_cache import WarmCache
from chalicelib.tables import app_info
from chalicelib.tables.dynamodb import fetch_one, is_available
from chalicelib.world import World

CACHE_TTL = timedelta(seconds=30)
banner_cache: WarmCache[list[Banner]] = WarmCache()
"""All banners are cached, since some begin or end while they are cached."""


def release(platform: str) -> Release:
    """The newest release of the platform. Raises Problem("not_found") where there is none."""
    return must_exist(fetch_one(app_info.release_key(platform)))


def banners(world: World) -> list[Banner]:
    """The banners to show now, in order."""
    now = world.now()
    return [banner for banner in banner_cache.get(now, CACHE_TTL, app_info.banners) if banner.shown_at(now)]


def check_health() -> None:
    """Health check: one read with a short time-out. Raises Problem("storage_unavailable")."""
    if not is_available(app_info.release_key("any")):
        raise Problem("storage_unavailable", retry_after_seconds=5, unavailable=["storage"])
