"""Stations as the app shows them: listings from memory, details from the tables."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_choice import ready_slots
from chalicelib.domain.cabinets.powerbank_service import for_rent
from chalicelib.domain.cabinets.slot import Slot, SlotStatus
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.stations.listed_station import ListedStation
from chalicelib.domain.stations.listing_encoding import configured_tag_of
from chalicelib.domain.stations.listing_pages import LISTING_PAGES
from chalicelib.domain.stations.station import Station, StationStatus
from chalicelib.domain.stations.stored_listing import ConfiguredPart, ListingPart
from chalicelib.services.stations.listing_in_memory import Listing
from chalicelib.services.warm_cache import WarmCache
from chalicelib.tables import cabinets as cabinet_rows
from chalicelib.tables import powerbanks, station_listings, stations
from chalicelib.tables.dynamodb import fetch, fetch_all, fetch_many
from chalicelib.tables.rows import Found, Key
from chalicelib.tables.station_listings import ListingTags
from chalicelib.world import World

REFRESH_SECONDS = 60
"""How often a schedule writes the stored listings."""


@dataclass(frozen=True)
class StationDetail:
    """A station with its slots."""

    listed: ListedStation
    slots: tuple[Slot, ...]
    amenities: tuple[str, ...]
    last_seen_at: datetime | None


listing_cache: WarmCache[Listing] = WarmCache()


def listing(world: World) -> Listing:
    """All stations. A schedule writes them each minute.

    The process keeps them, and checks after `stations_cache_ttl_seconds` which pages have changed. Raises
    Problem("storage_unavailable") in a process that can read none of the stored listings yet.
    """
    cache_ttl = timedelta(seconds=world.settings().stations_cache_ttl_seconds)
    return listing_cache.renew(world.now(), cache_ttl, _renewed)


def detail(world: World, sn: str) -> StationDetail:
    """One station from the tables. Raises Problem("not_found")."""
    station_key, cabinet_key = stations.station_key(sn), cabinet_rows.cabinet_key(sn)
    rows = fetch(station_key, cabinet_key)
    station = must_exist(rows[station_key])
    cabinet = rows[cabinet_key] or Cabinet(sn, station.imei)
    slots = tuple(sorted(cabinet.slots.values(), key=lambda slot: slot.slot_number))
    settings = world.settings()
    ready = ready_slots(cabinet, settings)
    banks = fetch_many([powerbanks.powerbank_key(slot.powerbank_sn) for slot in ready if slot.powerbank_sn])
    withheld = withheld_sns(banks, settings)
    listed_station = to_listed(station, cabinet, withheld, world.now(), settings)
    return StationDetail(listed_station, slots, station.amenities, cabinet.last_seen_at)


def withheld_sns(banks: Iterable[Powerbank], settings: Settings) -> Set[str]:
    """The serial numbers of those power banks that lie in slots and that nobody may rent."""
    return {bank.powerbank_sn for bank in banks if not for_rent(bank, settings.powerbank_fault_reports)}


def available_slots(cabinet: Cabinet, withheld: Set[str], settings: Settings) -> list[Slot]:
    """The slots whose power banks customers may rent: ready, and without the serial numbers `withheld`."""
    return [slot for slot in ready_slots(cabinet, settings) if slot.powerbank_sn not in withheld]


def to_listed(
    station: Station, cabinet: Cabinet, withheld: Set[str], now: datetime, settings: Settings
) -> ListedStation:
    """A station as the app shows it. Maintenance comes from the configuration, online from the cabinet.

    Power banks can be rented at a station that is online, but for those with the serial numbers `withheld`. A free
    slot takes a return at any time.
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
        len(available_slots(cabinet, withheld, settings)) if status is StationStatus.ONLINE else 0,
        sum(slot.status is SlotStatus.EMPTY for slot in slots),
    )


def _renewed(before: Listing | None) -> Listing:
    """The stored listing. It is `before` itself when no page has changed; only changed rows are read."""
    if before is None:
        return _first_listing()
    tags = station_listings.listing_tags().tags
    changed = [name for name, tag in tags.items() if before.read_tags.get(name) != tag]
    if not changed and before.parts.keys() <= tags.keys():
        return before
    rows = fetch_all([key for name in changed for key in _keys_of(name, tags[name], before.parts.get(name))])
    return _with_changes(before, [name for name in before.parts if name in tags], changed, rows)


def _first_listing() -> Listing:
    """The listing of a process that has none yet: the tags and the first listing of every page, in one call."""
    tags_key = station_listings.tags_key()
    rows = fetch(tags_key, *(key for page in LISTING_PAGES for key in _keys_of(page)))
    tags = (rows[tags_key] or ListingTags()).tags
    listing = _with_changes(Listing({}, {}), [], [page for page in LISTING_PAGES if page in tags], rows)
    others = [name for name in tags if name not in LISTING_PAGES]
    if others:
        rows = fetch_all([key for name in others for key in _keys_of(name)])
        listing = _with_changes(listing, list(listing.parts), others, rows)
    if tags and not listing.parts:
        raise Problem("storage_unavailable", retry_after_seconds=REFRESH_SECONDS)
    return listing


def _keys_of(name: str, tag: str = "", known: ListingPart | None = None) -> list[Key[Any]]:
    """The rows of a listing that must be read. What operators configured is known while its tag is the same."""
    keys: list[Key[Any]] = [station_listings.listing_key(name)]
    if known is None or known.configured.tag != configured_tag_of(tag):
        keys.append(station_listings.configured_key(name))
    return keys


def _with_changes(before: Listing, kept: list[str], changed: list[str], rows: Found) -> Listing:
    """The kept and the changed stored listings. One that can't be read keeps its stations and raises an alarm."""
    parts = {name: before.parts[name] for name in kept}
    read_tags = {name: before.read_tags.get(name, "") for name in kept}
    for name in changed:
        stored, known = rows[station_listings.listing_key(name)], parts.get(name)
        if stored is None:
            continue
        try:
            configured = _configured(name, configured_tag_of(stored.tag), rows, known)
            if configured is None:
                continue
            parts[name] = ListingPart(stored.tag, configured, stored.states)
        except ValueError as error:
            log.alarm(Alarm.LISTING_PAGE_FAILED, about=name, error=type(error).__name__)
        read_tags[name] = stored.tag
    return Listing(parts, read_tags, before)


def _configured(name: str, tag: str, rows: Found, known: ListingPart | None) -> ConfiguredPart | None:
    """What operators configured, in the version `tag`. None while the stored one is of another version.

    A refresh writes it before the states that belong to it. The next check reads both again.
    """
    if known is not None and known.configured.tag == tag:
        return known.configured
    key = station_listings.configured_key(name)
    if key not in rows:
        return None
    stored = rows[key]
    return ConfiguredPart(tag, stored.content) if stored is not None and stored.tag == tag else None
