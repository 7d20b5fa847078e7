"""Stations as the app shows them: listings from memory, details from the tables."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.cabinet import Cabinet, Slot, SlotStatus
from chalicelib.domain.listed_station import Configured, ListedStation
from chalicelib.domain.listing_encoding import decode_configured, decode_states
from chalicelib.domain.powerbank_choice import ready_slots
from chalicelib.domain.problems import Problem
from chalicelib.domain.settings import Settings
from chalicelib.domain.station import LISTING_PAGES, Station, StationStatus
from chalicelib.domain.station_filter import StationFilter
from chalicelib.domain.station_search_index import StationSearchIndex
from chalicelib.services.warm_cache import RecentResults, WarmCache
from chalicelib.tables import cabinets as cabinet_rows
from chalicelib.tables import station_listings, stations
from chalicelib.tables.dynamodb import fetch, fetch_many
from chalicelib.tables.station_listings import ListingTags, StoredListing
from chalicelib.world import World

MAX_RECENT = 256
"""How many responses of one listing a process keeps."""


@dataclass(frozen=True)
class StationDetail:
    """A station with its slots."""

    listed: ListedStation
    slots: tuple[Slot, ...]
    amenities: tuple[str, ...]
    last_seen_at: datetime | None


@dataclass(frozen=True)
class ListingPart:
    """A stored listing that was read, with the stored tags."""

    tag: str
    configured_tag: str
    configured: tuple[Configured, ...]
    stations: tuple[ListedStation, ...]


class Listing:
    """All stations, ordered by serial number.

    A listing takes from the listing `before` what did not change: the index, unless operators changed a station.
    `recent` keeps what callers make of this listing.
    """

    def __init__(self, parts: Mapping[str, ListingPart], before: "Listing | None" = None) -> None:
        self.parts = parts
        self.recent = RecentResults(MAX_RECENT)
        self._all: list[ListedStation]
        self._index: StationSearchIndex
        if before is not None and _tags(parts) == _tags(before.parts):
            self._all, self._index = list(before._all), before._index
            changed = [part for name, part in parts.items() if part is not before.parts[name]]
        else:
            by_sn = {station.sn: station for part in parts.values() for station in part.stations}
            self._all = sorted(by_sn.values())
            self._index, changed = StationSearchIndex(self._all), []
        for station in (station for part in changed for station in part.stations):
            position = self._index.position_of(station.sn)
            if position is not None:
                self._all[position] = station

    def __len__(self) -> int:
        return len(self._all)

    def station(self, sn: str) -> ListedStation | None:
        position = self._index.position_of(sn)
        return None if position is None else self._all[position]

    def after(self, sn: str, station_filter: StationFilter) -> Iterator[ListedStation]:
        """The stations behind the serial number `sn` that match, ordered by serial number."""
        start = self._index.position_after(sn)
        positions = (
            self._index.texts.containing(station_filter.folded_search, start)
            if station_filter.folded_search
            else range(start, len(self._all))
        )
        for position in positions:
            if station_filter.matches_state(self._all[position]):
                yield self._all[position]

    def near(
        self, lat: float, lng: float, radius_km: float, station_filter: StationFilter
    ) -> Iterator[tuple[float, ListedStation]]:
        """The stations within `radius_km` that match, each with its distance in km, nearest first."""
        needle = station_filter.folded_search
        for distance, position in self._index.tree.nearest(lat, lng, radius_km):
            station = self._all[position]
            if station_filter.matches_state(station) and (not needle or self._index.texts.contains(position, needle)):
                yield distance, station


listing_cache: WarmCache[Listing] = WarmCache()


def listing(world: World) -> Listing:
    """All stations. A schedule writes them each minute.

    The process keeps them, and checks after `stations_cache_ttl_seconds` which pages have changed.
    """
    cache_ttl = timedelta(seconds=world.settings().stations_cache_ttl_seconds)
    return listing_cache.renew(world.now(), cache_ttl, _renewed)


def detail(world: World, sn: str) -> StationDetail:
    """One station from the tables. Raises Problem("not_found")."""
    station_key, cabinet_key = stations.station_key(sn), cabinet_rows.cabinet_key(sn)
    rows = fetch(station_key, cabinet_key)
    station = rows[station_key]
    if station is None:
        raise Problem("not_found")
    cabinet = rows[cabinet_key] or Cabinet(sn, station.imei)
    slots = tuple(sorted(cabinet.slots.values(), key=lambda slot: slot.slot_number))
    listed_station = to_listed(station, cabinet, world.now(), world.settings())
    return StationDetail(listed_station, slots, station.amenities, cabinet.last_seen_at)


def to_listed(station: Station, cabinet: Cabinet, now: datetime, settings: Settings) -> ListedStation:
    """A station as the app shows it. Maintenance comes from the configuration, online from the cabinet.

    Power banks can be rented at a station that is online. A free slot takes a return at any time.
    """
    status = StationStatus.ONLINE if cabinet.reachable(now, settings) else StationStatus.OFFLINE
    if station.maintenance:
        status = StationStatus.MAINTENANCE
    slots = cabinet.slots.values()
    return ListedStation(
        station.sn,
        station.name,
        station.address,
        station.landmark,
        station.latitude,
        station.longitude,
        station.opening_time,
        station.closing_time,
        station.images,
        status,
        len(slots),
        len(ready_slots(cabinet, settings)) if status is StationStatus.ONLINE else 0,
        sum(slot.status is SlotStatus.EMPTY for slot in slots),
    )


def _renewed(before: Listing | None) -> Listing:
    """The stored listing. It is `before` itself when no page has changed; only changed pages are read."""
    known = dict(before.parts) if before else {}
    tags, stored = _first_read() if before is None else (station_listings.listing_tags().tags, [])
    read = {listing.name for listing in stored}
    changed = [name for name, tag in tags.items() if name not in read and not _is_current(known.get(name), tag)]
    stored += fetch_many([station_listings.listing_key(name) for name in changed])
    parts = {name: part for name, part in known.items() if name in tags or name in LISTING_PAGES}
    parts |= {listing.name: _read(listing, known.get(listing.name)) for listing in stored}
    return before if before is not None and parts == known else Listing(parts, before)


def _first_read() -> tuple[Mapping[str, str], list[StoredListing]]:
    """The tags, and the first listing of every page, in one call."""
    keys = [station_listings.listing_key(page) for page in LISTING_PAGES]
    rows = fetch(station_listings.tags_key(), *keys)
    tags = (rows[station_listings.tags_key()] or ListingTags()).tags
    return tags, [listing for key in keys if (listing := rows[key]) is not None]


def _is_current(part: ListingPart | None, tag: str) -> bool:
    return part is not None and part.tag == tag


def _read(listing: StoredListing, before: ListingPart | None) -> ListingPart:
    """The stations of a stored listing. A damaged one raises an alarm, and the stations read before stay."""
    before = before or ListingPart("", "", (), ())
    try:
        is_same = listing.configured_tag == before.configured_tag
        configured = before.configured if is_same else decode_configured(listing.configured)
        stations = decode_states(listing.states, configured)
    except (zlib.error, ValueError, TypeError, LookupError) as error:
        log.alarm(Alarm.LISTING_PAGE_FAILED, about=listing.name, error=type(error).__name__)
        return replace(before, tag=listing.tag)
    return ListingPart(listing.tag, listing.configured_tag, configured, stations)


def _tags(parts: Mapping[str, ListingPart]) -> dict[str, str]:
    """The tags of what operators configured, by listing."""
    return {name: part.configured_tag for name, part in parts.items()}
