"""Stations as the app shows them: listings from memory, details from the tables."""

import json
import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cached_property

from chalicelib.domain.cabinet import Cabinet, Slot, SlotStatus
from chalicelib.domain.geo import distance_km
from chalicelib.domain.powerbank_choice import ready_slots
from chalicelib.domain.problems import Problem
from chalicelib.domain.search_text import search_text
from chalicelib.domain.settings import Settings
from chalicelib.domain.station import Station, StationStatus
from chalicelib.services.warm_cache import WarmCache
from chalicelib.tables import cabinets as cabinet_rows
from chalicelib.tables import station_listings, stations
from chalicelib.tables.dynamodb import fetch, fetch_many
from chalicelib.world import World

CELL_DEGREES = 0.05
COLUMNS = 7_200
"""The number of cells around the earth."""
NEAR_A_POLE = 89.9
KM_PER_DEGREE = 110.574
"""The shortest length of a degree of latitude, so that the chosen cells miss no station."""


@dataclass(frozen=True)
class ListedStation:
    """One station in a listing."""

    sn: str
    name: str
    address: str
    landmark: str
    latitude: float
    longitude: float
    status: StationStatus
    total_slots: int
    available_powerbanks: int
    free_slots: int
    opening_time: str
    closing_time: str
    images: tuple[str, ...]

    @cached_property
    def search_text(self) -> str:
        """What a search is looked for in, folded."""
        return search_text(f"{self.name} {self.address} {self.landmark} {self.sn}")


@dataclass(frozen=True)
class StationDetail:
    """A station with its slots."""

    listed: ListedStation
    slots: tuple[Slot, ...]
    amenities: tuple[str, ...]
    last_seen_at: datetime | None


@dataclass(frozen=True)
class StationFilter:
    """A filter of stations. A field that is None matches every station."""

    status: StationStatus | None = None
    search: str | None = None
    has_powerbank: bool | None = None
    has_free_slot: bool | None = None

    @cached_property
    def folded_search(self) -> str:
        return search_text(self.search or "")

    def matches(self, listed_station: ListedStation) -> bool:
        return (
            (self.status is None or listed_station.status == self.status)
            and (not self.folded_search or self.folded_search in listed_station.search_text)
            and (self.has_powerbank is None or self.has_powerbank == (listed_station.available_powerbanks > 0))
            and (self.has_free_slot is None or self.has_free_slot == (listed_station.free_slots > 0))
        )


class Listing:
    """All stations by serial number, with an index by cell of the map."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.tag = f"{zlib.crc32(''.join(texts).encode()):08x}"
        rows = [row for text in texts for row in json.loads(text)]
        self.all = sorted(
            (
                ListedStation(**(row | {"status": StationStatus(row["status"]), "images": tuple(row["images"])}))
                for row in rows
            ),
            key=lambda listed_station: listed_station.sn,
        )
        self._cells: dict[tuple[int, int], list[ListedStation]] = {}
        for listed_station in self.all:
            self._cells.setdefault(_cell(listed_station.latitude, listed_station.longitude), []).append(
                listed_station
            )

    def near(self, lat: float, lng: float, radius_km: float) -> list[tuple[float, ListedStation]]:
        """The stations within `radius_km`, each with its distance in km, nearest first."""
        nearby = [
            (distance, listed_station)
            for listed_station in self._around(lat, lng, radius_km)
            if (distance := distance_km(lat, lng, listed_station.latitude, listed_station.longitude)) <= radius_km
        ]
        return sorted(nearby, key=lambda pair: (pair[0], pair[1].sn))

    def _around(self, lat: float, lng: float, radius_km: float) -> Iterable[ListedStation]:
        reach = radius_km / KM_PER_DEGREE
        across = _across(lat, reach)
        columns = {step % COLUMNS for step in range(_step(lng - across), _step(lng + across) + 1)}
        for row in range(_step(lat - reach), _step(lat + reach) + 1):
            for column in columns:
                yield from self._cells.get((row, column), ())


listing_cache: WarmCache[Listing] = WarmCache()


def listing(world: World) -> Listing:
    """All stations. The process keeps them `stations_cache_ttl_seconds`; a schedule writes them each minute."""
    cache_ttl = timedelta(seconds=world.settings().stations_cache_ttl_seconds)
    return listing_cache.get(world.now(), cache_ttl, lambda: Listing(station_listings.listings()))


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


def refresh(world: World) -> int:
    """Write the listing of every page. Returns the number of listed stations."""
    count = 0
    for listing_page in station_listings.listing_pages():
        count += refresh_listing_page(world, listing_page)
    return count


def refresh_listing_page(world: World, listing_page: str) -> int:
    """Write the listing of one page. Returns the number of its stations."""
    on_page = stations.on_page(listing_page)
    cabinets = {c.sn: c for c in fetch_many([cabinet_rows.cabinet_key(station.sn) for station in on_page])}
    now, settings = world.now(), world.settings()
    rows = [
        asdict(to_listed(station, cabinets.get(station.sn) or Cabinet(station.sn, station.imei), now, settings))
        for station in on_page
    ]
    station_listings.save_listing(listing_page, json.dumps(rows, ensure_ascii=False, separators=(",", ":")))
    return len(rows)


def to_listed(station: Station, cabinet: Cabinet, now: datetime, settings: Settings) -> ListedStation:
    """A station as the app shows it. Maintenance comes from the configuration, online from the cabinet."""
    status = StationStatus.ONLINE if cabinet.reachable(now, settings) else StationStatus.OFFLINE
    slots = cabinet.slots.values()
    return ListedStation(
        station.sn,
        station.name,
        station.address,
        station.landmark,
        station.latitude,
        station.longitude,
        StationStatus.MAINTENANCE if station.maintenance else status,
        len(slots),
        len(ready_slots(cabinet, settings)),
        sum(slot.status is SlotStatus.EMPTY for slot in slots),
        station.opening_time,
        station.closing_time,
        station.images,
    )


def _across(lat: float, reach: float) -> float:
    """Degrees of longitude from the centre of a circle of `reach` degrees to its edge: 180 near a pole."""
    if abs(lat) + reach >= NEAR_A_POLE:
        return 180.0
    sine = math.sin(math.radians(reach)) / math.cos(math.radians(lat))
    # Slightly more than the formula gives, against rounding.
    return min(180.0, math.degrees(math.asin(min(1.0, sine))) * 1.001 + 1e-9)


def _step(degrees: float) -> int:
    return math.floor(degrees / CELL_DEGREES)


def _cell(lat: float, lng: float) -> tuple[int, int]:
    """The cell of a point. Columns wrap around as integers: wrapping degrees could round a point over a border."""
    return _step(lat), _step(lng) % COLUMNS
