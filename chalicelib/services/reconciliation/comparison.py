"""Holding every gateway's day against ours, in steps that may stop anywhere: it tells, and never moves money."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chalicelib import log
from chalicelib.domain import reconciliation as rules
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.days import day_of, start_of_day
from chalicelib.domain.order_reference import intent_id_of
from chalicelib.domain.payment_gateway import GatewayPayment, PaymentState
from chalicelib.domain.reconciliation import END, Finding, Report, ReportLine, ReportState
from chalicelib.domain.topup import Intent
from chalicelib.services.refunds.decisions import has_been_refunded
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.tables import intents, reconciliation
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_many, fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import PaymentGateway, Unavailable, World

LOOKBACK_DAYS = 7
START_DELAY = timedelta(hours=1)
"""After midnight: by then the day's last intents have expired, and the sweep has asked after them."""
AFTER_LIST = "0"
"""The place in a day behind the gateway's own list; those of our intents come after it."""
CHUNK = 10
"""Lines of one write, and intents of one read."""
RESERVE_SECONDS = 30.0
"""Nothing is begun with less left: a gateway that stays silent, and the write after it, take so long."""
MAX_RUNNING = 100
MAX_CHECKS = 3


class Superseded(Exception):
    """The report was finished, or begun anew, by somebody else meanwhile."""


@dataclass(frozen=True)
class ReportRun:
    """One report in the hands of one run, which began at `begun_at` and may go on while `has_time`."""

    world: World
    gateway: PaymentGateway
    begun_at: datetime
    has_time: Callable[[], bool]


def run(world: World, seconds_left: Callable[[], float]) -> int:
    """Go on with every report that is not done, each with its share of the time. Returns how many those were."""
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
            _finish(world, _compare(run_, report))
        except Superseded:
            log.fact("report_superseded", about=report.name)

    return for_each_isolated(due, go_on, lambda report: report.name)


def _due(world: World) -> list[Report]:
    """The last days' that are not done, made when they are not there; and whatever else was asked for."""
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
    """From where it had got to: the gateway's list, our intents, and those once more that were unknown before."""
    if not report.progress and run_.has_time():
        report = _compare_list(run_, report)
    while report.progress not in ("", END) and run_.has_time():
        intents_found, progress = intents.of_day(report.day, report.gateway, after=report.progress, limit=CHUNK)
        report = _compare_intents(run_, report, _without_line(report, intents_found), progress or END)
    return _recheck_unknown(run_, report)


def _compare_list(run_: ReportRun, report: Report) -> Report:
    """What the gateway lists, about our intents or not. While the list is away, nothing begins."""
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
                return _save_lines(run_.world, report, lines, "")
            lines.append(_line_of_payment(run_, report, payment))
        report = _save_lines(run_.world, report, lines, "")
    return _save_lines(run_.world, report, [], AFTER_LIST)


def _line_of_payment(run_: ReportRun, report: Report, payment: GatewayPayment) -> ReportLine:
    """A listed payment's line. What differs is looked at once more: the list may be older than what we know."""
    now = run_.world.now()
    intent = _intent_of(report, payment)
    if intent is None:
        return rules.line_of_theirs(payment, revision=report.revision, now=now)
    line = rules.compare(intent, payment.status, revision=report.revision, now=now)
    if line.finding is Finding.MATCHED or intent.gateway_ref is None:
        return line
    return _line_of_intent(run_, report, intent)


def _intent_of(report: Report, payment: GatewayPayment) -> Intent | None:
    """Ours that is paid by this payment and no other."""
    by_theirs = intents.reference_key(report.gateway, payment.reference)
    by_ours = intents.pointer_key(intent_id_of(payment.order_ref or "") or payment.reference)
    rows = fetch(by_theirs, by_ours)
    pointer = rows[by_theirs] or rows[by_ours]
    if pointer is None:
        return None
    intent = fetch_one(intents.intent_key(pointer.user_id, pointer.intent_id))
    return intent if intent is not None and intent.gateway_ref in (None, payment.reference) else None


def _without_line(report: Report, candidates: Sequence[Intent]) -> list[Intent]:
    """Those that neither the list nor an earlier run has told the line of."""
    by_id = {intent.intent_id: intent for intent in candidates}
    lines = fetch_many([reconciliation.line_key(report.name, intent_id) for intent_id in by_id])
    line_ids = {line.line_id for line in lines if line.revision == report.revision}
    return [intent for intent_id, intent in by_id.items() if intent_id not in line_ids]


def _recheck_unknown(run_: ReportRun, report: Report) -> Report:
    """Lines that an earlier run left unknown."""
    unknown = list(reconciliation.lines(report, finding=Finding.UNKNOWN))
    old = [line for line in unknown if line.compared_at < run_.begun_at and line.user_id and line.intent_id]
    for start in range(0, len(old), CHUNK):
        part = old[start : start + CHUNK]
        keys = [intents.intent_key(str(line.user_id), str(line.intent_id)) for line in part]
        report = _compare_intents(run_, report, fetch_many(keys), "")
    return report


def _compare_intents(run_: ReportRun, report: Report, candidates: Sequence[Intent], progress: str) -> Report:
    """Ask after each, and write what was told; `progress` only when there was time for all."""
    lines: list[ReportLine] = []
    for intent in candidates:
        if not run_.has_time():
            return _save_lines(run_.world, report, lines, "")
        lines.append(_line_of_intent(run_, report, intent))
    return _save_lines(run_.world, report, lines, progress)


def _line_of_intent(run_: ReportRun, report: Report, intent: Intent) -> ReportLine:
    """An intent's line by our own look-up; when ours moved meanwhile, both sides are looked at once more."""
    for _ in range(MAX_CHECKS):
        payment_status = run_.gateway.fetch_payment(intent)
        refunded_by_us = payment_status.state is PaymentState.REFUNDED and has_been_refunded(intent)
        line = rules.compare(
            intent, payment_status, revision=report.revision, now=run_.world.now(), has_been_refunded=refunded_by_us
        )
        if line.finding in (Finding.MATCHED, Finding.UNKNOWN):
            return line
        latest = fetch_one(intents.intent_key(intent.user_id, intent.intent_id))
        if latest is None or latest.version == intent.version:
            return line
        intent = latest
    return replace(line, finding=Finding.UNKNOWN, reason="moving")


def _save_lines(world: World, report: Report, lines: Sequence[ReportLine], progress: str) -> Report:
    """Lines and the place they reach to, in one write; what another run has told already stays. Raises Superseded."""
    key = reconciliation.report_key(report.day, report.gateway)
    line_keys = {line.line_id: reconciliation.line_key(report.name, line.line_id) for line in lines}

    def decide(ops: Transaction) -> tuple[Report, list[ReportLine]]:
        rows = fetch(key, *line_keys.values())
        current = _require_current(report, rows[key])
        unique_lines = {line.line_id: line for line in lines}.values()
        new = [
            item for line in unique_lines if (item := rules.merged(rows[line_keys[line.line_id]], line)) is not None
        ]
        for line in new:
            reconciliation.save_line(ops, current, line)
        # Every line moves the report's version on, so that nobody finishes it beside one that is being written.
        advanced = current.advanced(progress)
        return (_save(ops, advanced) if new or advanced != current else current), new

    advanced, new = atomic(world, decide)
    for line in new:
        if line.finding is Finding.THEIRS_ONLY:
            log.alarm(Alarm.PAID_NOT_CREDITED, about=line.line_id, intent_id=line.intent_id, source=report.gateway)
    return advanced


def _finish(world: World, report: Report) -> None:
    """Add up what there is, tell of differences once, and finish what is whole. Raises Superseded."""
    key = reconciliation.report_key(report.day, report.gateway)

    def add_up(ops: Transaction) -> Report:
        current = _require_current(report, fetch_one(key))
        counted = current.with_totals(rules.totals_of(reconciliation.lines(current)))
        return _save(ops, counted) if counted != current else current

    counted = atomic(world, add_up)
    now = world.now()
    # Told before it is noted: a run that dies in between tells twice, and none tells never.
    if counted.unreported_differences:
        log.alarm(Alarm.RECONCILIATION_DIFFERS, about=counted.name, source=counted.gateway)
    if counted.given_up(now):
        log.alarm(Alarm.RECONCILIATION_UNANSWERED, about=counted.name, source=counted.gateway)

    def close(ops: Transaction) -> None:
        if ops.attempt:
            raise Superseded
        closed = counted.closed(now)
        if closed != counted:
            reconciliation.save(ops, closed)

    atomic(world, close)


def _require_current(report: Report, current: Report | None) -> Report:
    """The report as it is now, if it is still the one. Raises Superseded."""
    if current is None or current.revision != report.revision or current.state is ReportState.DONE:
        raise Superseded
    return current


def _save(ops: Transaction, report: Report) -> Report:
    reconciliation.save(ops, report)
    return replace(report, version=report.version + 1)
