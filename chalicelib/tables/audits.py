"""The last audit, the one that runs, the checkpoints of its walks, and the violations that it found."""

from datetime import datetime, timedelta

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.operations.audit import Audit, AuditState, AuditWalk, Violation
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values

CURRENT, LAST_FINISHED = "current", "last_finished"
"""The names of the two rows: the newest audit, and the last finished one while a newer one runs."""
AUDIT_TTL = timedelta(days=90)


class AuditRow(Row):
    class Meta:
        table_name = "audits"

    name = UnicodeAttribute(hash_key=True)
    audit_id = UnicodeAttribute()
    started_at = TimeAttribute()
    started_by = UnicodeAttribute()
    state = EnumAttribute(AuditState)
    finished_at = TimeAttribute(null=True)
    rows_count = IntAttribute()
    violations_count = IntAttribute()
    unsettled_count = IntAttribute()
    version = IntAttribute()


class AuditWalkRow(Row):
    class Meta:
        table_name = "audit_walks"

    audit_id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    position = UnicodeAttribute(null=True)
    done = BooleanAttribute()
    rows_count = IntAttribute()
    violations_count = IntAttribute()
    unsettled_count = IntAttribute()
    expires = IntAttribute()
    version = IntAttribute()


class AuditViolationRow(Row):
    """`violation` is the rule and the id of the row: an audit stores each violation once."""

    class Meta:
        table_name = "audit_violations"

    audit_id = UnicodeAttribute(hash_key=True)
    violation = UnicodeAttribute(range_key=True)
    rule = UnicodeAttribute()
    row = UnicodeAttribute()
    detail = UnicodeAttribute(null=True)
    expires = IntAttribute()


def current_key() -> Key[Audit]:
    return Key(AuditRow, CURRENT, None, lambda row: entity(row, Audit))


def last_finished_key() -> Key[Audit]:
    """The key of the last finished audit. The row counts only while the current audit runs."""
    return Key(AuditRow, LAST_FINISHED, None, lambda row: entity(row, Audit))


def walk_key(audit_id: str, name: str) -> Key[AuditWalk]:
    return Key(AuditWalkRow, audit_id, name, lambda row: entity(row, AuditWalk))


def save_current(ops: Transaction, audit: Audit) -> None:
    """Stage the newest audit. Stale when another audit was started, or this one was finished."""
    ops.save(AuditRow(name=CURRENT, **values(audit)), audit.version)


def save_last_finished(ops: Transaction, audit: Audit, version: int) -> None:
    """Stage the finished audit over the one before it, whose row has that version."""
    ops.save(AuditRow(name=LAST_FINISHED, **values(audit)), version)


def save_walk(ops: Transaction, walk: AuditWalk, now: datetime) -> None:
    """Stage the checkpoint. Stale when another run wrote it since it was read."""
    ops.save(AuditWalkRow(**values(walk), expires=_expiry(now)), walk.version)


def add_violation(audit_id: str, violation: Violation, now: datetime) -> None:
    """Store a violation. A second call with the same violation changes nothing."""
    with storage():
        AuditViolationRow(
            audit_id=audit_id,
            violation=f"{violation.rule}#{violation.row}",
            expires=_expiry(now),
            **values(violation),
        ).save()


def violations_of(audit_id: str, limit: int) -> list[Violation]:
    """At most `limit` violations of an audit, by rule and row."""
    with storage():
        rows = AuditViolationRow.query(audit_id, consistent_read=True, limit=limit, page_size=limit)
        return [entity(row, Violation) for row in rows]


def _expiry(now: datetime) -> int:
    return int((now + AUDIT_TTL).timestamp())
