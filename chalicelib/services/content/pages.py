"""Reads pages, frequently asked questions and app updates, cached in the process."""

from collections.abc import Mapping
from datetime import timedelta

from chalicelib.domain.content.app_release import PLATFORMS, Release
from chalicelib.domain.content.content import APP_UPDATES, PAGE_SLUGS, ContentPage, FaqEntry
from chalicelib.domain.problems.problems import must_exist
from chalicelib.services.warm_cache import WarmCache
from chalicelib.tables import app_info, content
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World

CACHE_TTL = timedelta(seconds=30)
"""Clients keep a response as long, so that a change is shown within a minute."""
page_caches: Mapping[str, WarmCache[ContentPage | None]] = {slug: WarmCache() for slug in PAGE_SLUGS}
"""A page that is not written is cached too."""
faq_cache: WarmCache[list[FaqEntry]] = WarmCache()
updates_cache: WarmCache[tuple[ContentPage | None, list[Release]]] = WarmCache()


def page(world: World, slug: str) -> ContentPage:
    """The page of this name. Raises Problem("not_found") where it is not written."""
    return must_exist(page_caches[slug].get(world.now(), CACHE_TTL, lambda: fetch_one(content.page_key(slug))))


def faq(world: World) -> list[FaqEntry]:
    """All frequently asked questions in display order."""
    return faq_cache.get(world.now(), CACHE_TTL, content.faq_entries)


def app_updates(world: World) -> tuple[ContentPage, list[Release]]:
    """The page about app updates, and the newest release of each platform. Raises Problem("not_found")."""
    stored, releases = updates_cache.get(world.now(), CACHE_TTL, _updates)
    return must_exist(stored), releases


def forget() -> None:
    """Drop what this process has cached, after a change."""
    for cache in page_caches.values():
        cache.clear()
    faq_cache.clear()
    updates_cache.clear()


def _updates() -> tuple[ContentPage | None, list[Release]]:
    page_key, release_keys = content.page_key(APP_UPDATES), [app_info.release_key(name) for name in PLATFORMS]
    rows = fetch(page_key, *release_keys)
    return rows[page_key], [release for key in release_keys if (release := rows[key]) is not None]
