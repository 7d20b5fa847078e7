"""Growth, activity and retention of customers, from the counters of days."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.accounts.score import first_day_of_week
from chalicelib.domain.analytics.report_period import ReportPeriod, ReportSpan
from chalicelib.domain.analytics.user_counts import MAX_RETENTION_WEEKS
from chalicelib.domain.text.days import day_of
from chalicelib.services.analytics import reports
from chalicelib.services.analytics.reports import Report
from chalicelib.world import World


@dataclass(frozen=True)
class Cohort:
    """The customers who registered in the week of `week`, and how many of them were active in each week since."""

    week: date
    registered: int
    active: tuple[int, ...]
    """One number for each week that has begun, the week of the registration first."""


@dataclass(frozen=True)
class UserReport:
    """`all_time` has the numbers by status. The others are of today and of the weeks and months that today is in."""

    report: Report
    today: date
    all_time: Counter[str]
    of_today: Counter[str]
    of_week: Counter[str]
    of_month: Counter[str]
    cohorts: tuple[Cohort, ...]


def of_period(world: World, period: ReportPeriod, start: date | None, end: date | None) -> UserReport:
    """Raises Problem("invalid_input") or Problem("storage_unavailable")."""
    span = reports.span_of(world, period, start, end)
    today = day_of(world.now())
    week, month = first_day_of_week(today), today.replace(day=1)
    # the week of the first day counts in later weeks who came back
    read = reports.of_network(ReportSpan(ReportPeriod.DAILY, first_day_of_week(span.first), span.last))
    days = {day.isoformat(): counts for day, counts in read.entries.items()}
    recent = reports.of_network(ReportSpan(ReportPeriod.DAILY, min(week, month), today))
    of_today, all_time = reports.of_day_and_all(today)

    def sum_since(start: date) -> Counter[str]:
        return sum((counts for day, counts in recent.entries.items() if start <= day), Counter())

    return UserReport(
        Report(span, span.by_entry(days)),
        today,
        all_time,
        of_today,
        sum_since(week),
        sum_since(month),
        tuple(_cohorts(span, read, today)),
    )


def _cohorts(span: ReportSpan, read: Report, today: date) -> list[Cohort]:
    cohorts = []
    weeks = sorted({first_day_of_week(day) for day in span.days})
    for week in weeks[-(MAX_RETENTION_WEEKS + 1) :]:
        days = [counts for day, counts in read.entries.items() if first_day_of_week(day) == week]
        registered = sum(counts["users.registered"] for counts in days)
        begun = min((first_day_of_week(today) - week).days // 7, MAX_RETENTION_WEEKS)
        counts = read.entries.get(week, Counter())
        active = tuple(counts[f"users.back_after.{number}"] for number in range(begun + 1))
        cohorts.append(Cohort(week, registered, active))
    return cohorts
