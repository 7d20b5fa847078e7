"""Compares every gateway's day with ours, in steps. When a run stops after any step, the next run continues.

It reports differences and never moves money.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from chalicelib import log
from chalicelib.domain.payments.reconciliation import END, Report, ReportState
from chalicelib.domain.payments.reconciliation_line import Finding, ReportLine
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.text.days import day_of, start_of_day
from chalicelib.services.reconciliation.lines import ReportRun, line_of_intent, line_of_payment, without_line
from chalicelib.services.reconciliation.report_writes import Superseded, finish, save_lines
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.tables import intents, reconciliation
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_many, fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import Unavailable, World
from chalicelib.world.time_left import SecondsLeft

LOOKBACK_DAYS = 7
START_DELAY = timedelta(hours=1)
"""After midnight. By then the day's last intents have expired, and the sweep has looked them up."""
AFTER_LIST = "0"
"""The progress of a report whose gateway list is compared. It sorts before every intent id."""
CHUNK = 10
"""How many lines one transaction writes, and how many intents one read returns."""
RESERVE_SECONDS = 30.0
"""A run with less time left begins no step: one look-up that times out and the write after it take that long."""
MAX_RUNNING = 100


def run(world: World, seconds_left: SecondsLeft) -> int:
    """Continue every report that is not done, each with its share of the time. Returns their number."""
    due = _due(world)
    begun_at, waiting = world.now(), len(due)

    def go_on(report: Report) -> None:
        nonlocal waiting
        until = seconds_left() * (1 - 1 / waiting)
        waiting -= 1

        def has_time() -> bool:
            return seconds_left() > max(until, RESERVE_SECONDS)

        run_ = ReportRun(world, world.gateways[report.gateway], begun_at, has_time)
        try:
            finish(world, _compare(run_, report))
        except Superseded:
            log.fact("report_superseded", about=report.name)

    return for_each_isolated(due, go_on, lambda report: report.name)


def _due(world: World) -> list[Report]:
    """The reports that are not done: those of the last days, created when missing, and rerun older ones."""
    now = world.now()
    last = day_of(now - START_DELAY) - timedelta(days=1)
    days = [(last - timedelta(days=back)).isoformat() for back in range(LOOKBACK_DAYS)]
    keys = [reconciliation.report_key(day, gateway) for day in days for gateway in world.gateways]
    rows = fetch(*keys)
    reports_due = [rows[key] or _begin(world, key, now) for key in keys]
    running = [report for report in reconciliation.running(now, MAX_RUNNING) if report.gateway in world.gateways]
    older = [report for report in running if report.day not in days]
    return [report for report in reports_due if report.state is ReportState.RUNNING] + older


def _begin(world: World, key: Key[Report], now: datetime) -> Report:
    def decide(ops: Transaction) -> Report:
        existing = fetch_one(key) if ops.attempt else None
        if existing is not None:
            return existing
        report = Report(key.hash_key, str(key.range_key), now)
        reconciliation.save(ops, report)
        return replace(report, version=1)

    return atomic(world, decide)


def _compare(run_: ReportRun, report: Report) -> Report:
    """Continue from the report's progress: the gateway's list, then our intents, then the unknown lines again."""
    if not report.progress and run_.has_time():
        report = _compare_list(run_, report)
    while report.progress not in ("", END) and run_.has_time():
        intents_found, progress = intents.of_day(report.day, report.gateway, after=report.progress, limit=CHUNK)
        report = _compare_intents(run_, report, without_line(report, intents_found), progress or END)
    return _recheck_unknown(run_, report)


def _compare_list(run_: ReportRun, report: Report) -> Report:
    """Compare the payments of the gateway's list. While the list is unavailable, the report does not begin."""
    day = date.fromisoformat(report.day)
    try:
        payments = run_.gateway.list_payments(start_of_day(day), start_of_day(day + timedelta(days=1))) or ()
    except Unavailable:
        log.fact("gateway_list_unavailable", source=report.gateway, about=report.name)
        return report
    for start in range(0, len(payments), CHUNK):
        lines: list[ReportLine] = []
        for payment in payments[start : start + CHUNK]:
            if not run_.has_time():
                return save_lines(run_.world, report, lines, "")
            lines.append(line_of_payment(run_, report, payment))
        report = save_lines(run_.world, report, lines, "")
    return save_lines(run_.world, report, [], AFTER_LIST)


def _recheck_unknown(run_: ReportRun, report: Report) -> Report:
    """Compare the lines again that an earlier run left unknown."""
    unknown = list(reconciliation.lines(report, finding=Finding.UNKNOWN))
    old = [line for line in unknown if line.compared_at < run_.begun_at and line.user_id and line.intent_id]
    for start in range(0, len(old), CHUNK):
        part = old[start : start + CHUNK]
        keys = [intents.intent_key(str(line.user_id), str(line.intent_id)) for line in part]
        report = _compare_intents(run_, report, fetch_many(keys), "")
    return report


def _compare_intents(run_: ReportRun, report: Report, candidates: Sequence[Intent], progress: str) -> Report:
    """Look up each intent and write its line. `progress` is written only when the time sufficed for all."""
    lines: list[ReportLine] = []
    for intent in candidates:
        if not run_.has_time():
            return save_lines(run_.world, report, lines, "")
        lines.append(line_of_intent(run_, report, intent))
    return save_lines(run_.world, report, lines, progress)
