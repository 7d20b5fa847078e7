"""Writes a report: its lines with its progress, then its totals and its end."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.payments.reconciliation import Report, ReportState, totals_of
from chalicelib.domain.payments.reconciliation_line import Finding, ReportLine, merged
from chalicelib.tables import reconciliation
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World


class Superseded(Exception):
    """Another run finished the report, or an operator restarted it."""


def save_lines(world: World, report: Report, lines: Sequence[ReportLine], progress: str) -> Report:
    """Write lines and progress in one transaction. Known lines of another run stay. Raises Superseded."""
    key = reconciliation.report_key(report.day, report.gateway)
    line_keys = {line.line_id: reconciliation.line_key(report.name, line.line_id) for line in lines}

    def decide(ops: Transaction) -> tuple[Report, list[ReportLine]]:
        rows = fetch(key, *line_keys.values())
        current = _require_current(report, rows[key])
        unique_lines = {line.line_id: line for line in lines}.values()
        new = [item for line in unique_lines if (item := merged(rows[line_keys[line.line_id]], line)) is not None]
        for line in new:
            reconciliation.save_line(ops, current, line)
        # Every line raises the report's version, so that no other run finishes the report at the same time.
        advanced = current.advanced(progress)
        return (_save(ops, advanced) if new or advanced != current else current), new

    advanced, new = atomic(world, decide)
    for line in new:
        if line.finding is Finding.THEIRS_ONLY:
            log.alarm(Alarm.PAID_NOT_CREDITED, about=line.line_id, intent_id=line.intent_id, source=report.gateway)
    return advanced


def finish(world: World, report: Report) -> None:
    """Sum up the lines, raise the alarms, and end the report when it is complete. Raises Superseded."""
    key = reconciliation.report_key(report.day, report.gateway)

    def add_up(ops: Transaction) -> Report:
        current = _require_current(report, fetch_one(key))
        counted = current.with_totals(totals_of(reconciliation.lines(current)))
        return _save(ops, counted) if counted != current else current

    counted = atomic(world, add_up)
    now = world.now()
    # The alarm comes before its record: a crash in between repeats the alarm instead of losing it.
    if counted.unreported_differences:
        log.alarm(Alarm.RECONCILIATION_DIFFERS, about=counted.name, source=counted.gateway)
    if counted.given_up(now):
        log.alarm(Alarm.RECONCILIATION_UNANSWERED, about=counted.name, source=counted.gateway)

    def close(ops: Transaction) -> None:
        if ops.attempt and fetch_one(key) != counted:
            raise Superseded
        closed = counted.closed(now)
        if closed != counted:
            reconciliation.save(ops, closed)

    atomic(world, close)


def _require_current(report: Report, current: Report | None) -> Report:
    """The report as it is now, of the same revision. Raises Superseded."""
    if current is None or current.revision != report.revision or current.state is ReportState.DONE:
        raise Superseded
    return current


def _save(ops: Transaction, report: Report) -> Report:
    reconciliation.save(ops, report)
    return replace(report, version=report.version + 1)
