"""Holding every gateway's day against ours, in steps that may stop anywhere: it tells, and never moves money."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chalicelib import log
from chalicelib.domain import reconciliation as rules
from chalicelib.domain.days import begins, day_of
from chalicelib.domain.payment_gateway import Listed, Paid
from chalicelib.domain.reconciliation import ENDED, Finding, Line, Report, ReportState
from chalicelib.domain.topup import Intent
from chalicelib.services.refunds.decisions import gave_back
from chalicelib.services.sweeps import each_alone
from chalicelib.tables import intents, reconciliation
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch, fetch_many
from chalicelib.tables.rows import Key
from chalicelib.world import Away, PaymentGateway, World

DAYS_BACK = 7
SETTLED_AFTER = timedelta(hours=1)
"""After midnight: by then the day's last intents have expired, and the sweep has asked after them."""
LISTED = "0"
"""The place in a day behind the gateway's own list; those of our intents come after it."""
CHUNK = 10
"""Lines of one write, and intents of one read."""
SPARE_SECONDS = 30.0
"""Nothing is begun with less left: a gateway that stays silent, and the write after it, take so long."""
MOST_RUNNING = 100
LOOKS = 3


class Overtaken(Exception):
    """The report was finished, or begun anew, by somebody else meanwhile."""


@dataclass(frozen=True)
class Errand:
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
            return seconds_left() > max(until, SPARE_SECONDS)

        errand = Errand(world, world.gateways[report.gateway], begun_at, has_time)
        try:
            _count(world, _compared(errand, report))
        except Overtaken:
            log.fact("report_overtaken", about=report.name)

    return each_alone(due, go_on, lambda report: report.name)


def _due(world: World) -> list[Report]:
    """The last days' that are not done, made when they are not there; and whatever else was asked for."""
    now = world.now()
    last = day_of(now - SETTLED_AFTER) - timedelta(days=1)
    days = [(last - timedelta(days=back)).isoformat() for back in range(DAYS_BACK)]
    keys = [reconciliation.report_key(day, gateway) for day in days for gateway in world.gateways]
    found = fetch(*keys)
    known = [found[key] or _begun(world, key, now) for key in keys]
    running = [report for report in reconciliation.running(now, MOST_RUNNING) if report.gateway in world.gateways]
    older = [report for report in running if report.day not in days]
    return [report for report in known if report.state is ReportState.RUNNING] + older


def _begun(world: World, key: Key[Report], now: datetime) -> Report:
    def decide(ops: Ops) -> Report:
        known = fetch(key)[key] if ops.attempt else None
        if known is not None:
            return known
        report = Report(key.hash_key, str(key.range_key), now)
        reconciliation.save(ops, report)
        return replace(report, version=1)

    return atomic(world, decide)


def _compared(errand: Errand, report: Report) -> Report:
    """From where it had got to: the gateway's list, our intents, and those once more that were unknown before."""
    if not report.reached and errand.has_time():
        report = _compare_list(errand, report)
    while report.reached not in ("", ENDED) and errand.has_time():
        found, reached = intents.of_day(report.day, report.gateway, after=report.reached, limit=CHUNK)
        report = _compare_intents(errand, report, _without_line(report, found), reached or ENDED)
    return _ask_again(errand, report)


def _compare_list(errand: Errand, report: Report) -> Report:
    """What the gateway lists, about our intents or not. While the list is away, nothing begins."""
    day = date.fromisoformat(report.day)
    try:
        listed = errand.gateway.listed(begins(day), begins(day + timedelta(days=1))) or ()
    except Away:
        log.fact("gateway_list_away", source=report.gateway, about=report.name)
        return report
    for start in range(0, len(listed), CHUNK):
        lines: list[Line] = []
        for one in listed[start : start + CHUNK]:
            if not errand.has_time():
                return _written(errand.world, report, lines, "")
            lines.append(_of_listed(errand, report, one))
        report = _written(errand.world, report, lines, "")
    return _written(errand.world, report, [], LISTED)


def _of_listed(errand: Errand, report: Report, listed: Listed) -> Line:
    """A listed payment's line. What differs is looked at once more: the list may be older than what we know."""
    now = errand.world.now()
    intent = _intent_of(report, listed)
    if intent is None:
        return rules.of_theirs(listed, edition=report.edition, now=now)
    line = rules.compare(intent, listed.outcome, edition=report.edition, now=now)
    if line.finding is Finding.MATCHED or intent.gateway_ref is None:
        return line
    return _asked(errand, report, intent)


def _intent_of(report: Report, listed: Listed) -> Intent | None:
    """Ours that is paid by this payment and no other."""
    by_theirs = intents.reference_key(report.gateway, listed.reference)
    by_ours = intents.pointer_key((listed.order_ref or "").rpartition("-")[0] or listed.reference)
    found = fetch(by_theirs, by_ours)
    pointer = found[by_theirs] or found[by_ours]
    if pointer is None:
        return None
    key = intents.intent_key(pointer.user_id, pointer.intent_id)
    intent = fetch(key)[key]
    return intent if intent is not None and intent.gateway_ref in (None, listed.reference) else None


def _without_line(report: Report, found: Sequence[Intent]) -> list[Intent]:
    """Those that neither the list nor an earlier run has told the line of."""
    by_id = {intent.intent_id: intent for intent in found}
    lines = fetch_many([reconciliation.line_key(report.name, intent_id) for intent_id in by_id])
    there = {line.line_id for line in lines if line.edition == report.edition}
    return [intent for intent_id, intent in by_id.items() if intent_id not in there]


def _ask_again(errand: Errand, report: Report) -> Report:
    """Lines that an earlier run left unknown."""
    unknown = list(reconciliation.lines(report, finding=Finding.UNKNOWN))
    old = [line for line in unknown if line.compared_at < errand.begun_at and line.user_id and line.intent_id]
    for start in range(0, len(old), CHUNK):
        part = old[start : start + CHUNK]
        keys = [intents.intent_key(str(line.user_id), str(line.intent_id)) for line in part]
        report = _compare_intents(errand, report, fetch_many(keys), "")
    return report


def _compare_intents(errand: Errand, report: Report, found: Sequence[Intent], reached: str) -> Report:
    """Ask after each, and write what was told; `reached` only when there was time for all."""
    lines: list[Line] = []
    for intent in found:
        if not errand.has_time():
            return _written(errand.world, report, lines, "")
        lines.append(_asked(errand, report, intent))
    return _written(errand.world, report, lines, reached)


def _asked(errand: Errand, report: Report, intent: Intent) -> Line:
    """An intent's line by our own look-up; when ours moved meanwhile, both sides are looked at once more."""
    for _ in range(LOOKS):
        outcome = errand.gateway.look(intent)
        ours = outcome.paid is Paid.REFUNDED and gave_back(intent)
        line = rules.compare(intent, outcome, edition=report.edition, now=errand.world.now(), gave_back=ours)
        if line.finding in (Finding.MATCHED, Finding.UNKNOWN):
            return line
        key = intents.intent_key(intent.user_id, intent.intent_id)
        fresh = fetch(key)[key]
        if fresh is None or fresh.version == intent.version:
            return line
        intent = fresh
    return replace(line, finding=Finding.UNKNOWN, reason="moving")


def _written(world: World, report: Report, lines: Sequence[Line], reached: str) -> Report:
    """Lines and the place they reach to, in one write; what another run has told already stays. Raises Overtaken."""
    key = reconciliation.report_key(report.day, report.gateway)
    line_keys = {line.line_id: reconciliation.line_key(report.name, line.line_id) for line in lines}

    def decide(ops: Ops) -> tuple[Report, list[Line]]:
        found = fetch(key, *line_keys.values())
        known = _still(report, found[key])
        told = {line.line_id: line for line in lines}.values()
        new = [one for line in told if (one := rules.merged(found[line_keys[line.line_id]], line)) is not None]
        for line in new:
            reconciliation.save_line(ops, known, line)
        # Every line moves the report's version on, so that nobody finishes it beside one that is being written.
        moved = known.moved_on(reached)
        return (_saved(ops, moved) if new or moved != known else known), new

    moved, new = atomic(world, decide)
    for line in new:
        if line.finding is Finding.THEIRS_ONLY:
            log.alarm("paid_not_credited", about=line.line_id, intent_id=line.intent_id, source=report.gateway)
    return moved


def _count(world: World, report: Report) -> None:
    """Add up what there is, tell of differences once, and finish what is whole. Raises Overtaken."""
    key = reconciliation.report_key(report.day, report.gateway)

    def add_up(ops: Ops) -> Report:
        known = _still(report, fetch(key)[key])
        counted = known.counted(rules.tally(reconciliation.lines(known)))
        return _saved(ops, counted) if counted != known else known

    counted = atomic(world, add_up)
    now = world.now()
    # Told before it is noted: a run that dies in between tells twice, and none tells never.
    if counted.has_news:
        log.alarm("reconciliation_differs", about=counted.name, source=counted.gateway)
    if counted.given_up(now):
        log.alarm("reconciliation_unanswered", about=counted.name, source=counted.gateway)

    def close(ops: Ops) -> None:
        if ops.attempt:
            raise Overtaken
        closed = counted.closed(now)
        if closed != counted:
            reconciliation.save(ops, closed)

    atomic(world, close)


def _still(report: Report, known: Report | None) -> Report:
    """The report as it is now, if it is still the one. Raises Overtaken."""
    if known is None or known.edition != report.edition or known.state is ReportState.DONE:
        raise Overtaken
    return known


def _saved(ops: Ops, report: Report) -> Report:
    reconciliation.save(ops, report)
    return replace(report, version=report.version + 1)
