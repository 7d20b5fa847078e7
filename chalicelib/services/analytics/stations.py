"""Use, availability and utilisation of stations, from the counters of days and from the listing in memory."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.report_period import ReportPeriod
from chalicelib.domain.station import StationStatus
from chalicelib.domain.station_filter import StationFilter
from chalicelib.services.analytics import reports
from chalicelib.services.analytics.reports import Report
from chalicelib.services.stations import station_views
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
        for station in listing.after("", StationFilter()):
            by_status[station.status] += 1
            slots += station.total_slots
            free += station.free_slots
        return NetworkNow(by_status, slots, slots - free)

    return listing.recent.get("network now", count)


def of_period(world: World, period: ReportPeriod, start: date | None, end: date | None) -> StationReport:
    """Raises Problem("invalid_input") or Problem("storage_unavailable")."""
    span = reports.span_of(world, period, start, end)
    report = reports.of_stations(span)
    by_station: dict[str, Counter[str]] = defaultdict(Counter)
    sums = {entry: Counter[str]() for entry in report.entries}
    for entry, counts in report.entries.items():
        for key, count in counts.items():
            sn, _, name = key.rpartition(":")
            by_station[sn][name] += count
            sums[entry][name] += count
    listing = station_views.listing(world)
    used = [(sn, counts) for sn, counts in by_station.items() if counts["started"] or counts["paisa"]]
    best = sorted(used, key=lambda item: (-item[1]["paisa"], -item[1]["started"], item[0]))[:TOP]
    top = []
    for sn, counts in best:
        station = listing.station(sn)
        top.append(StationUse(sn, station.name if station else "", counts))
    return StationReport(network_now(world), Report(span, sums), tuple(top))
