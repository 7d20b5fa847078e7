"""Stations as operators see them: pages of the list, and one station with its slots and power banks."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice

from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.stations.listed_station import ListedStation
from chalicelib.domain.stations.station import Station
from chalicelib.domain.stations.station_filter import StationFilter
from chalicelib.services.stations.station_views import available_slots, listing, to_listed, withheld_sns
from chalicelib.tables import cabinets, powerbanks, stations
from chalicelib.tables.dynamodb import fetch, fetch_all, fetch_many
from chalicelib.tables.rows import Found
from chalicelib.world import World


@dataclass(frozen=True)
class StationOverview:
    """A station, its cabinet, and the state that customers see."""

    station: Station
    cabinet: Cabinet
    listed: ListedStation
    available_powerbanks: int
    """Those that customers may rent, whether or not the station is online."""

    @property
    def slots(self) -> list[Slot]:
        """The slots in the order of their numbers."""
        return [slot for _, slot in sorted(self.cabinet.slots.items())]

    @property
    def total_slots(self) -> int:
        """As the cabinet reports it, else as the operator planned it."""
        return len(self.cabinet.slots) or self.station.planned_slots or 0


@dataclass(frozen=True)
class StationsPage:
    """Stations by serial number. `following` is the cursor of the next page, and None at the end. `listed` counts the
    stations with page numbers, at most MAX_LISTED."""

    stations: Sequence[StationOverview]
    following: str | None
    listed: int


def page_of(world: World, station_filter: StationFilter, page: NumberedPage, *, after: str | None) -> StationsPage:
    """The matching stations after the serial number `after`, or the page by number.

    The listing in memory, which is a minute old at most, says which stations match. The rows of a page are read from
    the tables.
    """
    by_cursor = after is not None
    matching = listing(world).after(after or "", station_filter)
    sns = [station.sn for station in islice(matching, page.read_limit(by_cursor=by_cursor))]
    of_page, more_follow, listed = page.of_keys(sns, by_cursor=by_cursor)
    keys = [key for sn in of_page for key in (stations.station_key(sn), cabinets.cabinet_key(sn))]
    rows = fetch_all(keys)
    withheld = withheld_sns(powerbanks.withheld(), world.settings())
    found = [overview for sn in of_page if (overview := _overview(world, sn, rows, withheld)) is not None]
    return StationsPage(found, of_page[-1] if more_follow else None, listed)


def read(world: World, sn: str) -> tuple[StationOverview, Mapping[str, Powerbank]]:
    """One station, and the power banks in its slots by serial number. Raises Problem("not_found")."""
    rows = fetch(stations.station_key(sn), cabinets.cabinet_key(sn))
    cabinet = rows[cabinets.cabinet_key(sn)]
    sns = [slot.powerbank_sn for slot in cabinet.slots.values() if slot.powerbank_sn] if cabinet is not None else []
    banks = fetch_many([powerbanks.powerbank_key(powerbank_sn) for powerbank_sn in sns])
    overview = must_exist(_overview(world, sn, rows, withheld_sns(banks, world.settings())))
    return overview, {powerbank.powerbank_sn: powerbank for powerbank in banks}


def overview_of(world: World, sn: str) -> StationOverview:
    """One station from the tables. Raises Problem("not_found")."""
    overview, _ = read(world, sn)
    return overview


def _overview(world: World, sn: str, rows: Found, withheld: Set[str]) -> StationOverview | None:
    station, settings = rows[stations.station_key(sn)], world.settings()
    if station is None:
        return None
    cabinet = rows[cabinets.cabinet_key(sn)] or Cabinet(sn, station.imei)
    listed = to_listed(station, cabinet, withheld, world.now(), settings)
    return StationOverview(station, cabinet, listed, len(available_slots(cabinet, withheld, settings)))
