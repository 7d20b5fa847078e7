"""Reconciliation for operators: reports of a span of days, their lines, and reruns."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.payments.reconciliation import Report, ReportState
from chalicelib.domain.payments.reconciliation_line import Finding, ReportLine
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.domain.text.days import day_of
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller
from chalicelib.tables import reconciliation
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_many
from chalicelib.world import World

MAX_LISTING_DAYS = 92
"""The most days of one listing."""
MAX_AGE_DAYS = 90
"""The age of the oldest day that may be rerun. Gateways do not look up older payments reliably."""
MAX_FILE_LINES = 15_000
"""The lines of one file, whatever the settings say. A line has at most 350 bytes; a Lambda response 6 MB."""

ReportedLine = tuple[Report, ReportLine]


def of_days(world: World, since: date | None, until: date | None) -> list[Report]:
    """Reports of the days from `since` to `until`, both included, newest first. Without `since`, of 30 days.

    Raises Problem("invalid_input").
    """
    last = until or day_of(world.now())
    first = since or last - timedelta(days=29)
    if not 0 <= (last - first).days < MAX_LISTING_DAYS:
        raise Problem("invalid_input", errors={"from": [validation_message("days_too_many", days=MAX_LISTING_DAYS)]})
    days = [(last - timedelta(days=back)).isoformat() for back in range((last - first).days + 1)]
    return fetch_many([reconciliation.report_key(day, gateway) for day in days for gateway in world.gateways])


def of_day(world: World, day: str, gateway: str | None = None) -> list[Report]:
    """The reports of a day, one for each gateway. Raises Problem("not_found") when there is none."""
    names = [name for name in world.gateways if gateway in (None, name)]
    day_reports = fetch_many([reconciliation.report_key(day, name) for name in names])
    if not day_reports:
        raise Problem("not_found")
    return day_reports


def page_of_lines(
    day_reports: Sequence[Report], *, finding: Finding | None, after: tuple[str, str] | None, page: NumberedPage
) -> tuple[list[ReportedLine], tuple[str, str] | None]:
    """The page of lines after the pair `after` of gateway and line id, and the next pair (None at the end).

    All lines before the page are read too.
    """
    lines = list(islice(_lines(day_reports, finding, after), page.first, page.first + page.size + 1))
    if len(lines) <= page.size:
        return lines, None
    report, line = lines[page.size - 1]
    return lines[: page.size], (report.gateway, line.line_id)


def lines_count(day_reports: Sequence[Report], finding: Finding | None) -> int:
    """The number of lines that the reports counted, of all outcomes or of one."""
    return sum(
        total.count for report in day_reports for name, total in report.totals.items() if finding in (None, name)
    )


def file_count(world: World, day_reports: Sequence[Report]) -> int:
    """The number of files that hold all lines. At least one: it has a header."""
    return max(1, -(-sum(report.lines_count for report in day_reports) // _file_lines(world)))


def lines_of_file(
    world: World, day_reports: Sequence[Report], number: int, *, finding: Finding | None
) -> list[ReportedLine]:
    """The lines of file `number`, counted from 1. Raises Problem("not_found") after the last file."""
    size = _file_lines(world)
    lines = list(islice(_lines(day_reports, finding, None), (number - 1) * size, number * size))
    if not lines and number > 1:
        raise Problem("not_found")
    return lines


def rerun(world: World, caller: Caller, day: date) -> list[Report]:
    """Have the next runs compare a past day from its beginning. A report that still runs continues unchanged.

    Raises Problem("invalid_input") for a day that is not over, or too long ago.
    """
    now = world.now()
    if not 0 < (day_of(now) - day).days <= MAX_AGE_DAYS:
        raise Problem("invalid_input", errors={"day": [validation_message("day_not_comparable", days=MAX_AGE_DAYS)]})
    keys = [reconciliation.report_key(day.isoformat(), gateway) for gateway in world.gateways]

    def decide(ops: Transaction) -> list[Report]:
        rows = fetch(*keys)
        requested = []
        for key in keys:
            existing = rows[key]
            report = existing.restarted(now) if existing else Report(day.isoformat(), str(key.range_key), now)
            if existing is not None and existing.state is ReportState.RUNNING:
                report = existing
            else:
                reconciliation.save(ops, report)
            requested.append(report)
        changes = {
            "before": {existing.gateway: existing.revision for key in keys if (existing := rows[key])},
            "after": {report.gateway: report.revision for report in requested},
        }
        audit_log.record(
            ops, world, caller.user_id, AdminAction("reconciliation_restarted", day.isoformat(), changes)
        )
        return requested

    return atomic(world, decide)


def _file_lines(world: World) -> int:
    return max(1, min(MAX_FILE_LINES, world.settings().report_max_file_lines))


def _lines(
    day_reports: Sequence[Report], finding: Finding | None, after: tuple[str, str] | None
) -> Iterator[ReportedLine]:
    for report in sorted(day_reports, key=lambda report: report.gateway):
        if after is not None and report.gateway < after[0]:
            continue
        after_line_id = after[1] if after is not None and report.gateway == after[0] else ""
        for line in reconciliation.lines(report, after=after_line_id, finding=finding):
            yield report, line
