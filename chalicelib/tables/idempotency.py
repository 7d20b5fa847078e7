"""Requests that carry an Idempotency-Key: what was asked, and what was answered."""

from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.problems import Problem
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import delete_all, storage, update_if
from chalicelib.tables.rows import Key, Row, entity, values


@dataclass(frozen=True)
class IdempotencyRecord:
    """A key that was used, `name` with its route; `status` and `body` once it was answered, `resource_id` what it
    made."""

    user_id: str
    name: str
    fingerprint: str
    resource_id: str
    claimed_at: datetime
    expires_at: datetime
    status: int | None = None
    body: str | None = None


class IdempotencyRow(Row):
    class Meta:
        table_name = "idempotency_records"

    user_id = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    fingerprint = UnicodeAttribute()
    resource_id = UnicodeAttribute()
    claimed_at = TimeAttribute()
    expires_at = TimeAttribute()
    status = IntAttribute(null=True)
    body = UnicodeAttribute(null=True)
    expires = IntAttribute()


def record_key(user_id: str, name: str) -> Key[IdempotencyRecord]:
    return Key(IdempotencyRow, user_id, name, lambda row: entity(row, IdempotencyRecord))


def claim(ops: Transaction, record: IdempotencyRecord, now: datetime) -> None:
    """Refused while the key is in use; an expired one is as good as none (TTL is lazy)."""
    row = IdempotencyRow(**values(record), expires=int(record.expires_at.timestamp()))
    free = IdempotencyRow.user_id.does_not_exist() | (IdempotencyRow.expires_at <= now)
    ops.put_if(row, free, conflict=Problem("idempotency_in_progress", retry_after_seconds=1))


def store_response(user_id: str, name: str, fingerprint: str, status: int, body: str) -> None:
    """What was answered, for the next time the key comes; nothing when the key was never claimed."""
    row = IdempotencyRow
    update_if(row(user_id, name), [row.status.set(status), row.body.set(body)], row.fingerprint == fingerprint)


def backdate(user_id: str, name: str, fingerprint: str, claimed_at: datetime) -> None:
    """It counts as begun at `claimed_at`, unless it was answered or is another's."""
    row = IdempotencyRow
    unanswered = (row.fingerprint == fingerprint) & row.status.does_not_exist()
    update_if(row(user_id, name), [row.claimed_at.set(claimed_at)], unanswered)


def delete_records(user_id: str) -> None:
    """All that this user was ever answered."""
    with storage():
        delete_all(IdempotencyRow.query(user_id, consistent_read=True))
