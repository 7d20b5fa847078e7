"""Judges one row under traffic: only what two equal readings show to be wrong is a violation."""

from dataclasses import dataclass
from typing import Any

from chalicelib.domain.operations.audit import Violation
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.audit.checks import Check
from chalicelib.services.audit.named_rows import Scanned
from chalicelib.tables.audit_scan import ScannedPage
from chalicelib.world import World

MAX_READS = 6
FIRST_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Judgement:
    """The violations of one row. `settled` is False when its rows changed at each look."""

    violations: tuple[Violation, ...] = ()
    settled: bool = True


@dataclass(frozen=True)
class UnreadableRow:
    """A row of which the scan could not read what the check needs: its key as JSON, and the name of the error."""

    key: str
    error: str


def suspects_of(world: World, check: Check, page: ScannedPage[Any]) -> Scanned:
    """The subjects of a page that must be judged, in its order, each with the position after its row.

    All of them are, when a damaged row keeps the check from choosing. Raises Problem("storage_unavailable").
    """
    damaged = [(position, UnreadableRow(position, error)) for position, error in page.unreadable]
    places = {position: place for place, position in enumerate(page.positions)}
    return sorted((*_suspects(world, check, page.rows), *damaged), key=lambda found: places[found[0]])


def _suspects(world: World, check: Check, rows: Scanned) -> Scanned:
    try:
        return check.suspects(world, rows)
    except Problem:
        raise
    except Exception:  # noqa: BLE001  the judgement of each row names the damaged one
        return [(position, check.subject_of(value)) for position, value in rows]


def judge(world: World, check: Check, subject: object) -> Judgement:
    """Judge one subject of a check.

    Reads of several rows are not of one moment. A case that looks wrong is read again: two equal cases prove that
    all their rows had these versions at the moment between the two reads, so that traffic can't explain the case.
    A row that can't be judged is a violation too. Raises Problem("storage_unavailable").
    """
    if isinstance(subject, UnreadableRow):
        return Judgement((Violation("row_not_readable", f"{check.name} {subject.key}", subject.error),))
    try:
        return _judge(world, check, subject)
    except Problem:
        raise
    except Exception as error:  # noqa: BLE001  one damaged row must not keep the audit from all rows behind it
        return Judgement((Violation("row_not_readable", f"{check.name} {subject}", type(error).__name__),))


def _judge(world: World, check: Check, subject: object) -> Judgement:
    case = check.load(world, subject)
    for attempt in range(MAX_READS):
        violations = tuple(check.judge(world, case))
        if not violations:
            return Judgement()
        again = check.load(world, subject)
        if again == case:
            return Judgement(violations)
        case = again
        world.pause(FIRST_PAUSE_SECONDS * 2**attempt)
    return Judgement(settled=False)
