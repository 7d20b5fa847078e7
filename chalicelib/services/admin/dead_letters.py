"""Operators see the messages that no consumer could handle, and have them tried again."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib import log
from chalicelib.domain.operations.dead_letter import DeadLetter
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.outbox import CONSUMED, dead_letter_name
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import World


@dataclass(frozen=True)
class QueueCount:
    """About how many dead letters a queue has."""

    queue: str
    count: int


@dataclass(frozen=True)
class Redrive:
    """How many dead letters went back to their queue, and about how many are left."""

    queue: str
    moved: int
    left: int


def counts(world: World) -> list[QueueCount]:
    """Every queue with a dead-letter queue. Raises Unavailable."""
    return [QueueCount(queue, _waiting(world, queue)) for queue in CONSUMED]


def peek(world: World, queue: str) -> Sequence[DeadLetter]:
    """Up to ten dead letters of a queue. They stay. Raises Problem("not_found") and Unavailable."""
    _must_be_known(queue)
    return world.dead_letters.peek(dead_letter_name(queue))


def redrive(world: World, caller: Caller, queue: str, limit: int) -> Redrive:
    """Send up to `limit` dead letters of a queue to it again. Every consumer may handle a message twice.

    The entry in the audit log comes first, so that nothing moves without one. Raises Problem("not_found") and
    Unavailable.
    """
    _must_be_known(queue)
    waiting = _waiting(world, queue)

    def decide(ops: Transaction) -> None:
        current_caller = fresh_caller(world, caller, ops)
        changes = {"before": {"waiting": waiting}, "after": {"moved_at_most": limit}}
        audit_log.record(ops, world, current_caller.user_id, AdminAction("dead_letter_redriven", queue, changes))

    atomic(world, decide)
    moved = world.dead_letters.redrive(dead_letter_name(queue), queue, limit)
    log.fact("dead_letters_redriven", queue=queue, status=moved)
    return Redrive(queue, moved, _waiting(world, queue))


def _waiting(world: World, queue: str) -> int:
    return world.queues.waiting(dead_letter_name(queue))


def _must_be_known(queue: str) -> None:
    if queue not in CONSUMED:
        raise Problem("not_found")
