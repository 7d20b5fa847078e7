"""The span of a report, and its counters: four queries, whatever was counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from chalicelib.domain.analytics.day_facts import ALL_DAYS, Series
from chalicelib.domain.analytics.report_period import MAX_REPORT_DAYS, ReportPeriod, ReportSpan, default_first
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.text.days import day_of
from chalicelib.tables import day_counters
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World


@dataclass(frozen=True)
class Report:
    """The counters of each day, week or month of a span, by the first day of each."""

    span: ReportSpan
    entries: Mapping[date, Counter[str]]

    def total(self, name: str) -> int:
        return sum(counts[name] for counts in self.entries.values())


def span_of(
    world: World, period: ReportPeriod, start: date | None, end: date | None, max_days: int = MAX_REPORT_DAYS
) -> ReportSpan:
    """The days of a report, at most `max_days`. Raises Problem("invalid_input")."""
    last = end or day_of(world.now())
    first = start or max(default_first(period, last), last - timedelta(days=max_days - 1))
    if not 0 <= (last - first).days < max_days:
        message = validation_message("end_date_out_of_range", days=max_days)
        raise Problem("invalid_input", errors={"end_date": [message]})
    return ReportSpan(period, first, last)


def of_period(world: World, period: ReportPeriod, start: date | None, end: date | None) -> Report:
    """The counters of the network in a period. Raises Problem("invalid_input") or Problem("storage_unavailable")."""
    return of_network(span_of(world, period, start, end))


def of_network(span: ReportSpan) -> Report:
    """The counters of the network. Raises Problem("storage_unavailable")."""
    days = day_counters.read_days(Series.NETWORK, span.first.isoformat(), span.last.isoformat())
    return Report(span, span.by_entry(days))


def of_day_and_all(day: date) -> tuple[Counter[str], Counter[str]]:
    """The network's counters of one day, and those of all time, in one read."""
    day_keys = day_counters.day_keys(Series.NETWORK, day.isoformat())
    all_keys = day_counters.day_keys(Series.NETWORK, ALL_DAYS)
    rows = fetch(*day_keys, *all_keys)
    sums: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for counts, keys in zip(sums, (day_keys, all_keys), strict=True):
        for key in keys:
            counts.update((rows[key] or ({}, 0))[0])
    return sums
