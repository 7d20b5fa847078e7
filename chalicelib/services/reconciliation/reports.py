"""Reconciliation as an operator sees it: reports of a span of days, lines page by page, and a day asked for anew."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

from chalicelib.domain.days import day_of
from chalicelib.domain.problems import Problem
from chalicelib.domain.reconciliation import Finding, Line, Report, ReportState
from chalicelib.services.caller import Caller
from chalicelib.tables import admin_log, reconciliation
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch, fetch_many
from chalicelib.world import World

MOST_DAYS = 92
"""In one listing."""
DAYS_BACK = 90
"""So far back a day may be compared anew: gateways tell of older payments badly, or not at all."""
MOST_FILE_LINES = 15_000
"""In one file, whatever the settings say: a line is 350 bytes at most, and Lambda answers 6 MB."""

Told = tuple[Report, Line]


def of_days(world: World, since: date | None, until: date | None) -> list[Report]:
    """Reports from day to day, both included, newest first; of 30 days without a beginning.

    Raises Problem("invalid_input").
    """
    last = until or day_of(world.now())
    first = since or last - timedelta(days=29)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Problem("invalid_input", errors={"from": [f"at most {MOST_DAYS} days up to `to`"]})
    days = [(last - timedelta(days=back)).isoformat() for back in range((last - first).days + 1)]
    return fetch_many([reconciliation.report_key(day, gateway) for day in days for gateway in world.gateways])


def of_day(world: World, day: str, gateway: str | None = None) -> list[Report]:
    """A day's reports, one a gateway. Raises Problem("not_found") when there is none."""
    names = [name for name in world.gateways if gateway in (None, name)]
    found = fetch_many([reconciliation.report_key(day, name) for name in names])
    if not found:
        raise Problem("not_found")
    return found


def page(
    found: Sequence[Report], *, finding: Finding | None, after: tuple[str, str] | None, limit: int
) -> tuple[list[Told], tuple[str, str] | None]:
    """Lines behind `after` (a gateway and a line), and behind what the next page begins (None at the end)."""
    lines = list(islice(_lines(found, finding, after), limit + 1))
    if len(lines) <= limit:
        return lines, None
    report, line = lines[limit - 1]
    return lines[:limit], (report.gateway, line.line_id)


def parts_count(world: World, found: Sequence[Report]) -> int:
    """In how many files all lines go; at least one, if only with its header."""
    return max(1, -(-sum(report.lines_count for report in found) // _file_lines(world)))


def part(world: World, found: Sequence[Report], number: int, *, finding: Finding | None) -> list[Told]:
    """The lines of one file, counted from 1. Raises Problem("not_found") behind the last."""
    size = _file_lines(world)
    lines = list(islice(_lines(found, finding, None), (number - 1) * size, number * size))
    if not lines and number > 1:
        raise Problem("not_found")
    return lines


def compare_anew(world: World, caller: Caller, day: date) -> list[Report]:
    """Have a past day compared from its beginning by the next runs; one that is under way goes on as it is.

    Raises Problem("invalid_input") for a day that is not over, or too long ago.
    """
    now = world.now()
    if not 0 < (day_of(now) - day).days <= DAYS_BACK:
        raise Problem("invalid_input", errors={"day": [f"must be over, and of the last {DAYS_BACK} days"]})
    keys = [reconciliation.report_key(day.isoformat(), gateway) for gateway in world.gateways]

    def decide(ops: Ops) -> list[Report]:
        found = fetch(*keys)
        asked = []
        for key in keys:
            known = found[key]
            report = known.anew(now) if known else Report(day.isoformat(), str(key.range_key), now)
            if known is not None and known.state is ReportState.RUNNING:
                report = known
            else:
                reconciliation.save(ops, report)
            asked.append(report)
        admin_log.log_admin(
            ops,
            entry=world.new_id(),
            admin_id=caller.user_id,
            action="reconciliation_asked",
            target=day.isoformat(),
            changes={"editions": {report.gateway: report.edition for report in asked}},
            at=now,
        )
        return asked

    return atomic(world, decide)


def _file_lines(world: World) -> int:
    return max(1, min(MOST_FILE_LINES, world.settings().report_file_lines))


def _lines(found: Sequence[Report], finding: Finding | None, after: tuple[str, str] | None) -> Iterator[Told]:
    for report in sorted(found, key=lambda one: one.gateway):
        if after is not None and report.gateway < after[0]:
            continue
        behind = after[1] if after is not None and report.gateway == after[0] else ""
        for line in reconciliation.lines(report, after=behind, finding=finding):
            yield report, line
