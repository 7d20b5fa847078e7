"""The figures of today and of now that operators see first."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.stations.issue import StationIssue
from chalicelib.domain.text.days import day_of
from chalicelib.services.analytics import reports, stations
from chalicelib.services.analytics.stations import NetworkNow
from chalicelib.tables import issues
from chalicelib.world import World

RECENT_ISSUES = 5


@dataclass(frozen=True)
class Dashboard:
    """The counters of today and of all time, the stations as they are now, and the newest issues of stations."""

    day: date
    of_today: Counter[str]
    all_time: Counter[str]
    network: NetworkNow
    recent_issues: tuple[StationIssue, ...]


def read(world: World) -> Dashboard:
    """Raises Problem("storage_unavailable")."""
    today = day_of(world.now())
    of_today, all_time = reports.of_day_and_all(today)
    return Dashboard(
        today, of_today, all_time, stations.network_now(world), tuple(issues.newest_of_all(RECENT_ISSUES))
    )
