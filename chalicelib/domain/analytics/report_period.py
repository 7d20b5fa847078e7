"""The days, weeks or months that a report of operators shows. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from chalicelib.domain.accounts.score import first_day_of_week

MAX_REPORT_DAYS = 366
MAX_STATION_REPORT_DAYS = 31
"""The report of stations reads nine numbers of each station, day and shard, so that it is about a month at most."""
DEFAULT_DAYS: Mapping[str, int] = {"daily": 30, "weekly": 84, "monthly": 365}


class ReportPeriod(StrEnum):
    """What one entry of a report is. A week begins on Sunday."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    def first_day(self, day: date) -> date:
        """The first day of the day, week or month that a day belongs to."""
        if self is ReportPeriod.WEEKLY:
            return first_day_of_week(day)
        return day.replace(day=1) if self is ReportPeriod.MONTHLY else day

    def label(self, first: date) -> str:
        """A short label of a chart: `2026-11-29`, or `2026-11` for a month."""
        return first.isoformat()[:7] if self is ReportPeriod.MONTHLY else first.isoformat()


@dataclass(frozen=True)
class ReportSpan:
    """The days of a report, both ends included, and into what they are divided."""

    period: ReportPeriod
    first: date
    last: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def entries(self) -> list[date]:
        """The first day of each day, week or month, the oldest first. The first one may begin before the span."""
        return sorted({self.period.first_day(day) for day in self.days})

    def by_entry(self, by_day: Mapping[str, Mapping[str, int]]) -> dict[date, Counter[str]]:
        """The counters of the days of the span, added up for each entry. An entry without any is empty."""
        sums: dict[date, Counter[str]] = {entry: Counter() for entry in self.entries}
        for day in self.days:
            sums[self.period.first_day(day)].update(by_day.get(day.isoformat(), {}))
        return sums


def default_first(period: ReportPeriod, last: date) -> date:
    """Where a report begins that names no first day."""
    return period.first_day(last - timedelta(days=DEFAULT_DAYS[period] - 1))


def share(part: int, whole: int) -> float:
    """A share in per cent, with two decimals. 0 of nothing."""
    return round(100 * part / whole, 2) if whole else 0.0
