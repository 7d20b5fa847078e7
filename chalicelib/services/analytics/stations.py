"""Use, availability and utilisation of stations, from the counters of days and from the listing in memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from itertools import zip_longest
from operator import add

from chalicelib.domain.day_facts import STATION_COUNTERS
from chalicelib.domain.report_period import MAX_STATION_REPORT_DAYS, ReportPeriod, ReportSpan
from chalicelib.domain.station import StationStatus
from chalicelib.domain.station_filter import StationFilter
from chalicelib.services.analytics import reports
from chalicelib.services.analytics.reports import Report
from chalicelib.services.stations import station_views
from chalicelib.tables import day_counters
from chalicelib.world import World

TOP = 10
STARTED, PAISA = STATION_COUNTERS.index("started"), STATION_COUNTERS.index("paisa")


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
        for station in listing.after("", StationFilter()):
            by_status[station.status] += 1
            slots += station.total_slots
            free += station.free_slots
        return NetworkNow(by_status, slots, slots - free)

    return listing.recent.get("network now", count)


def of_period(world: World, period: ReportPeriod, start: date | None, end: date | None) -> StationReport:
    """Raises Problem("invalid_input") or Problem("storage_unavailable")."""
    span = reports.span_of(world, period, start, end, MAX_STATION_REPORT_DAYS)
    network, by_station = added_up(span)
    listing = station_views.listing(world)
    used = ((sn, numbers) for sn, numbers in by_station.items() if numbers[STARTED] or numbers[PAISA])
    best = nsmallest(TOP, used, key=lambda item: (-item[1][PAISA], -item[1][STARTED], item[0]))
    top = []
    for sn, numbers in best:
        station = listing.station(sn)
        top.append(StationUse(sn, station.name if station else "", _by_name(numbers)))
    return StationReport(network_now(world), Report(span, network), tuple(top))


def added_up(span: ReportSpan) -> tuple[dict[date, Counter[str]], dict[str, list[int]]]:
    """The sums of all stations by entry, and those of each station over the span. No day is kept."""
    by_entry = {entry: [0] * len(STATION_COUNTERS) for entry in span.entries}
    by_station: dict[str, list[int]] = {}
    for day, stations in day_counters.read_stations(span.first.isoformat(), span.last.isoformat()):
        entry = span.period.first_day(date.fromisoformat(day))
        # The sum of each counter over the stations; a row of an earlier version may have fewer counters.
        columns = map(sum, zip_longest(*stations.values(), fillvalue=0))
        by_entry[entry] = [sum(pair) for pair in zip_longest(by_entry[entry], columns, fillvalue=0)]
        for sn, numbers in stations.items():
            before = by_station.get(sn)
            by_station[sn] = list(map(add, before, _whole(numbers))) if before else _whole(numbers)
    return {entry: _by_name(numbers) for entry, numbers in by_entry.items()}, by_station


def _whole(numbers: Sequence[int]) -> list[int]:
    """The numbers of a station with 0 for a counter that is newer than their row."""
    return [*numbers, *[0] * (len(STATION_COUNTERS) - len(numbers))]


def _by_name(numbers: Sequence[int]) -> Counter[str]:
    return Counter(dict(zip(STATION_COUNTERS, numbers, strict=True)))
