"""Use, availability and utilisation of stations, from the counters of days and from the listing in memory."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from operator import add

from chalicelib.domain.analytics.day_facts import STATION_COUNTERS
from chalicelib.domain.analytics.report_period import MAX_STATION_REPORT_DAYS, ReportPeriod, ReportSpan
from chalicelib.domain.stations.station import StationStatus
from chalicelib.services.analytics import reports
from chalicelib.services.analytics.reports import Report
from chalicelib.services.stations import station_views
from chalicelib.tables import day_counters
from chalicelib.tables.day_counters import StationColumns
from chalicelib.world import World

TOP = 10


@dataclass(frozen=True)
class NetworkNow:
    """All stations as they are now, by status, with their slots."""

    by_status: Counter[StationStatus]
    slots: int
    occupied_slots: int

    @property
    def stations(self) -> int:
        return sum(self.by_status.values())


@dataclass(frozen=True)
class StationUse:
    """What one station counted in the span. `name` is empty for a station that is gone."""

    sn: str
    name: str
    counts: Counter[str]


@dataclass(frozen=True)
class StationReport:
    now: NetworkNow
    network: Report
    """The sums of all stations by the names of their counters."""
    top: tuple[StationUse, ...]


def network_now(world: World) -> NetworkNow:
    """Counted once for each listing that a process keeps. Raises Problem("storage_unavailable")."""
    listing = station_views.listing(world)

    def count() -> NetworkNow:
        by_status: Counter[StationStatus] = Counter()
        slots = free = 0
        for state in listing.states():
            by_status[state.status] += 1
            slots += state.total_slots
            free += state.free_slots
        return NetworkNow(by_status, slots, slots - free)

    return listing.recent.get("network now", count)


def of_period(world: World, period: ReportPeriod, start: date | None, end: date | None) -> StationReport:
    """Raises Problem("invalid_input") or Problem("storage_unavailable")."""
    span = reports.span_of(world, period, start, end, MAX_STATION_REPORT_DAYS)
    network, sums = added_up(span)
    listing = station_views.listing(world)
    top = []
    for sn in sums.best(TOP):
        station = listing.station(sn)
        top.append(StationUse(sn, station.name if station else "", sums.of(sn)))
    return StationReport(network_now(world), Report(span, network), tuple(top))


def added_up(span: ReportSpan) -> tuple[dict[date, Counter[str]], "StationSums"]:
    """The sums of all stations by entry, and those of each station over the span. No day is kept."""
    by_entry: dict[date, Counter[str]] = {entry: Counter() for entry in span.entries}
    sums = StationSums()
    for row in day_counters.read_stations(span.first.isoformat(), span.last.isoformat()):
        totals = dict(zip(STATION_COUNTERS, map(sum, row.columns), strict=False))
        by_entry[span.period.first_day(date.fromisoformat(row.day))].update(totals)
        sums.add(row)
    return by_entry, sums


class StationSums:
    """What each station counted in all added rows: a column of sums for each of STATION_COUNTERS."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._columns: list[list[int]] = [[] for _ in STATION_COUNTERS]

    def add(self, row: StationColumns) -> None:
        """Add a row, whichever stations it has. Whole columns are added where its stations are those before it."""
        for sn in row.sns:
            self._places.setdefault(sn, len(self._places))
        for column in self._columns:
            column.extend([0] * (len(self._places) - len(column)))
        places = [self._places[sn] for sn in row.sns]
        is_in_order = places == list(range(len(self._places)))
        # a row of an earlier version may have fewer columns
        for position, numbers in enumerate(row.columns):
            column = self._columns[position]
            if is_in_order:
                self._columns[position] = list(map(add, column, numbers))
                continue
            for place, number in zip(places, numbers, strict=True):
                column[place] += number

    def of(self, sn: str) -> Counter[str]:
        place = self._places[sn]
        return Counter({name: column[place] for name, column in zip(STATION_COUNTERS, self._columns, strict=True)})

    def best(self, count: int) -> list[str]:
        """The stations that earned most, or else rented most. A station that did neither is left out."""
        paisa, started = (self._columns[STATION_COUNTERS.index(name)] for name in ("paisa", "started"))
        used = ((sn, place) for sn, place in self._places.items() if paisa[place] or started[place])
        ranked = nsmallest(count, used, key=lambda item: (-paisa[item[1]], -started[item[1]], item[0]))
        return [sn for sn, _ in ranked]
