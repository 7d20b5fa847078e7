"""Continues the running audit in bounded runs: each walk goes through a segment of a table from its checkpoint."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operations.audit import Audit, AuditState, AuditWalk, Violation
from chalicelib.services.audit.checks import CHECKS, Check
from chalicelib.services.audit.judge_row import UnreadableRow, judge, suspects_of
from chalicelib.services.audit.named_rows import Scanned
from chalicelib.tables import audit_scan, audits
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_all, fetch_one
from chalicelib.world import World
from chalicelib.world.time_left import SecondsLeft

WORKERS = audit_scan.SEGMENTS
RESERVE_SECONDS = 20.0
"""No row is judged with less time: a large account takes some seconds, and the checkpoint must be written."""
INSIDE = "@"
"""Stands in a position inside a row, which begins with the number of its part. The position of a row is JSON."""
MAX_REPORTED = 500
"""How many violations of one walk are stored and raise an alarm. More of them are counted only."""


@dataclass(frozen=True)
class AuditRun:
    """One run of the running audit. `has_time` is False once the run must end."""

    world: World
    audit: Audit
    has_time: Callable[[], bool]


@dataclass
class PageResult:
    """What became of a page: up to `position` it is judged. None means the end of the segment."""

    position: str | None
    rows_count: int = 0
    violations: list[Violation] = field(default_factory=list)
    unsettled_count: int = 0


class Superseded(Exception):
    """Another run wrote the checkpoint of this walk first."""


def run(world: World, seconds_left: SecondsLeft, *, workers: int = WORKERS) -> int:
    """Continue the running audit until it has finished or the time ends. Returns the number of rows it went through.

    A run may die anywhere, or overlap another one: a page is judged again, and is counted once. Raises
    Problem("storage_unavailable").
    """
    audit = fetch_one(audits.current_key())
    if audit is None or not audit.running:
        return 0
    run_ = AuditRun(world, audit, lambda: seconds_left() > RESERVE_SECONDS)
    walks = _walks(audit)
    waiting = [(check, segment, walk) for check, segment, walk in walks if not walk.done]
    with ThreadPoolExecutor(workers) as pool:
        # the context of this run: each walk needs a copy of its own
        runs = [
            pool.submit(copy_context().run, _walk, run_, check, segment, walk) for check, segment, walk in waiting
        ]
    walks = _walks(audit)
    if all(walk.done for _, _, walk in walks):
        _finish(world, audit, [walk for _, _, walk in walks])
    return sum(walked.result() for walked in runs)


def _walks(audit: Audit) -> list[tuple[Check, int, AuditWalk]]:
    """Every walk of the audit as it is stored, in the order of the checks."""
    parts = [(check, segment) for check in CHECKS for segment in range(audit_scan.SEGMENTS)]
    keys = [audits.walk_key(audit.audit_id, f"{check.name}#{segment}") for check, segment in parts]
    found = fetch_all(keys)
    return [
        (check, segment, found[key] or AuditWalk(audit.audit_id, str(key.range_key)))
        for (check, segment), key in zip(parts, keys, strict=True)
    ]


def _walk(run_: AuditRun, check: Check, segment: int, walk: AuditWalk) -> int:
    """Judge pages until the segment or the time ends. Returns the number of rows."""
    rows_count = 0
    while not walk.done and run_.has_time():
        page = audit_scan.read_page(check.table, segment, after=_row_of(walk.position), limit=check.page_rows)
        result = _judge_page(run_, check, page, walk.position)
        _report(run_, walk, result.violations)
        try:
            walk = _saved(run_.world, walk, result)
        except Superseded:
            log.fact("audit_walk_superseded", about=walk.name)
            break
        rows_count += result.rows_count
    return rows_count


def _judge_page(run_: AuditRun, check: Check, page: audit_scan.ScannedPage[object], begins_at: str) -> PageResult:
    """Judge the rows of a page behind a position, or as many as the time allows."""
    result = PageResult(page.position, len(page.positions))
    judged_to = begins_at
    steps = _steps(check, page, suspects_of(run_.world, check, page))
    for number, (position, subject) in enumerate(_behind(begins_at, steps)):
        if number and not run_.has_time():
            return replace(result, position=judged_to, rows_count=_rows_to(page, judged_to))
        judgement = judge(run_.world, check, subject)
        result.violations += judgement.violations
        result.unsettled_count += not judgement.settled
        judged_to = position
    return result


def _steps(check: Check, page: audit_scan.ScannedPage[object], subjects: Scanned) -> list[tuple[str, object]]:
    """What is judged of a page, part by part, each with the position after it.

    A position inside a row names the part, its subject, and the position of the row before.
    """
    positions = [page.after, *page.positions]
    steps: list[tuple[str, object]] = []
    for position, subject in subjects:
        *parts, last = [subject] if isinstance(subject, UnreadableRow) else check.parts_of(subject)
        before = positions[positions.index(position, 1) - 1]
        steps += [(f"{number}/{len(parts)}/{last}{INSIDE}{before}", part) for number, part in enumerate(parts)]
        steps.append((position, last))
    return steps


def _behind(position: str, steps: list[tuple[str, object]]) -> list[tuple[str, object]]:
    """The steps after the one that ends at the position; all of them when none does."""
    ends = [end for end, _ in steps]
    return steps[ends.index(position) + 1 :] if position in ends else steps


def _row_of(position: str) -> str:
    """The position of the row before what is judged next."""
    return position.partition(INSIDE)[2] if position[:1].isdigit() else position


def _rows_to(page: audit_scan.ScannedPage[object], position: str) -> int:
    """How many rows of the page are judged whole at the position."""
    positions = [page.after, *page.positions]
    return positions.index(_row_of(position))


def _report(run_: AuditRun, walk: AuditWalk, violations: Sequence[Violation]) -> None:
    """Raise an alarm for each violation and store it. Both come before the checkpoint, so that none is lost."""
    for violation in violations[: max(0, MAX_REPORTED - walk.violations_count)]:
        log.alarm(Alarm.AUDIT_VIOLATION, rule=violation.rule, about=violation.row)
        audits.add_violation(walk.audit_id, violation, run_.world.now())


def _saved(world: World, walk: AuditWalk, result: PageResult) -> AuditWalk:
    """The walk after a page, as it is stored now. Raises Superseded."""
    advanced = replace(
        walk.advanced(rows=result.rows_count, violations=len(result.violations), unsettled=result.unsettled_count),
        position=result.position or "",
        done=result.position is None,
    )

    def decide(ops: Transaction) -> None:
        if ops.attempt and fetch_one(audits.walk_key(walk.audit_id, walk.name)) != _stored(walk):
            raise Superseded
        audits.save_walk(ops, advanced, world.now())

    atomic(world, decide)
    return replace(advanced, version=walk.version + 1)


def _stored(walk: AuditWalk) -> AuditWalk | None:
    return walk if walk.version else None


def _finish(world: World, audit: Audit, walks: Sequence[AuditWalk]) -> None:
    """Write the result of the audit, once."""
    finished = replace(
        audit,
        state=AuditState.FINISHED,
        finished_at=world.now(),
        rows_count=sum(walk.rows_count for walk in walks),
        violations_count=sum(walk.violations_count for walk in walks),
        unsettled_count=sum(walk.unsettled_count for walk in walks),
    )

    def decide(ops: Transaction) -> bool:
        if ops.attempt and fetch_one(audits.current_key()) != audit:
            return False
        audits.save_current(ops, finished)
        return True

    if atomic(world, decide):
        log.fact("audit_finished", about=audit.audit_id, state="violated" if finished.violations_count else "clean")
