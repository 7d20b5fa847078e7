"""Writes the listings of stations, page by page. A page that fails does not stop the others."""

import math
from collections.abc import Callable, Iterator, Mapping, Set
from datetime import datetime

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operations.round_robin import rotated, turn_of
from chalicelib.domain.stations.listed_station import ListedStation
from chalicelib.domain.stations.listing_encoding import encode
from chalicelib.domain.stations.listing_pages import LISTING_PAGES
from chalicelib.services.stations.station_views import to_listed, withheld_sns
from chalicelib.tables import cabinets as cabinet_rows
from chalicelib.tables import powerbanks, station_listings, stations
from chalicelib.tables.dynamodb import BATCH, fetch, fetch_all
from chalicelib.tables.station_listings import configured_key, listing_key
from chalicelib.world import World
from chalicelib.world.time_left import reserved

PAGE_SECONDS = 20.0
"""A run begins no page when it has less time left."""
TAGS_SECONDS = 6.0
"""The time to store the tags after the last page."""
STATIONS_PER_READ = BATCH // 2
"""A station has two rows, and one call reads at most BATCH rows."""


def refresh(world: World, seconds_left: Callable[[], float] = lambda: math.inf) -> int:
    """Write the listing of every page whose stations changed. Returns the number of listed stations.

    A page keeps its earlier listing when it fails or when the run has no time left for it. Each minute's run begins
    at another page, so that no page is always the last.
    """
    now, before = world.now(), station_listings.listing_tags()
    withheld = withheld_sns(powerbanks.withheld(), world.settings())
    pages = sorted(before.pages, key=LISTING_PAGES.index)
    tags, count = dict(before.tags), 0
    for page in rotated(pages, turn_of(now)):
        if seconds_left() < PAGE_SECONDS:
            log.alarm(Alarm.LISTING_PAGE_FAILED, about=page, error="no time left")
            break
        try:
            with reserved(TAGS_SECONDS):
                page_tags, page_count = _refresh_page(world, page, withheld, now)
        except Exception as error:  # noqa: BLE001  whatever is wrong with one page, the other pages are written
            log.alarm(Alarm.LISTING_PAGE_FAILED, about=page, error=type(error).__name__)
            continue
        tags = {**{name: tag for name, tag in tags.items() if _page_of(name) != page}, **page_tags}
        count += page_count
    if tags != before.tags:
        station_listings.save_tags(tags, now)
    return count


def _refresh_page(world: World, page: str, withheld: Set[str], now: datetime) -> tuple[Mapping[str, str], int]:
    """Write the page's rows that differ from the stored ones. Returns the tags and the number of stations."""
    listed_stations = list(_listed_stations(world, page, withheld, now))
    listings = {_name_of(page, number): content for number, content in enumerate(encode(listed_stations))}
    keys = [key for name in listings for key in (listing_key(name), configured_key(name))]
    stored = fetch_all(keys)
    for name, content in listings.items():
        configured, states = stored[configured_key(name)], stored[listing_key(name)]
        if configured is None or (configured.tag, configured.content) != (content.configured_tag, content.configured):
            station_listings.save_configured(name, content, now)
        if states is None or (states.tag, states.states) != (content.tag, content.states):
            station_listings.save_states(name, content, now)
    return {name: content.tag for name, content in listings.items()}, len(listed_stations)


def _listed_stations(world: World, page: str, withheld: Set[str], now: datetime) -> Iterator[ListedStation]:
    settings, sns = world.settings(), stations.sns_on_page(page)
    for start in range(0, len(sns), STATIONS_PER_READ):
        part = sns[start : start + STATIONS_PER_READ]
        rows = fetch(*map(stations.station_key, part), *map(cabinet_rows.cabinet_key, part))
        for sn in part:
            station = rows[stations.station_key(sn)]
            if station is not None:
                cabinet = rows[cabinet_rows.cabinet_key(sn)] or Cabinet(sn, station.imei)
                yield to_listed(station, cabinet, withheld, now, settings)


def _name_of(page: str, number: int) -> str:
    return page if number == 0 else f"{page}.{number}"


def _page_of(name: str) -> str:
    return name.partition(".")[0]
