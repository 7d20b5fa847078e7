"""Starts an audit, and shows the result of the last one. `segment_walks.py` carries it on."""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operations.audit import NIGHTLY, Audit, Violation
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables import audits
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World

MAX_LISTED = 500
MAX_RUNNING_AGE = timedelta(hours=20)
"""An audit should have finished after this time."""


@dataclass(frozen=True)
class AuditResult:
    """The last finished audit with at most MAX_LISTED of its violations, and the audit that runs."""

    last: Audit | None
    running: Audit | None
    violations: tuple[Violation, ...] = ()


def start_nightly(world: World) -> Audit:
    """Start an audit, unless one runs. Returns the audit that runs. Raises an alarm when that is an old one."""
    audit = atomic(world, lambda ops: _start(ops, world, NIGHTLY)[0])
    if world.now() - audit.started_at > MAX_RUNNING_AGE:
        log.alarm(Alarm.AUDIT_UNFINISHED, about=audit.audit_id)
    return audit


def start(world: World, caller: Caller) -> Audit:
    """Start an audit for an operator, unless one runs. Returns the audit that runs.

    The next run of the schedule begins with it.
    """

    def decide(ops: Transaction) -> Audit:
        current_caller = fresh_caller(world, caller, ops)
        audit, is_new = _start(ops, world, current_caller.user_id)
        if is_new:
            changes = {"before": None, "after": {"status": audit.state}}
            audit_log.record(
                ops, world, current_caller.user_id, AdminAction("audit_started", audit.audit_id, changes)
            )
        return audit

    return atomic(world, decide)


def _start(ops: Transaction, world: World, by: str) -> tuple[Audit, bool]:
    """Stage a new audit over the finished one. Returns the running audit, and whether it is new."""
    current_key, last_key = audits.current_key(), audits.last_finished_key()
    rows = fetch(current_key, last_key)
    current, last = rows[current_key], rows[last_key]
    if current is not None and current.running:
        return current, False
    audit = Audit(world.new_id(), world.now(), by, version=current.version if current else 0)
    audits.save_current(ops, audit)
    if current is not None:
        audits.save_last_finished(ops, current, last.version if last else 0)
    ops.after_commit(lambda: log.fact("audit_started", about=audit.audit_id))
    return audit, True


def latest() -> AuditResult:
    """The last result, and the audit that runs. Raises Problem("storage_unavailable")."""
    current_key, last_key = audits.current_key(), audits.last_finished_key()
    rows = fetch(current_key, last_key)
    current = rows[current_key]
    running = current if current is not None and current.running else None
    last = rows[last_key] if running is not None else current
    if last is None:
        return AuditResult(None, running)
    return AuditResult(last, running, tuple(audits.violations_of(last.audit_id, MAX_LISTED)))
