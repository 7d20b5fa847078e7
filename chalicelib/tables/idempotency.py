"""Idempotency records: a key, the fingerprint of its request and the response."""

from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.problems.problems import Problem
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute, TimeAttribute
from chalicelib.tables.conditional_writes import update_if
from chalicelib.tables.rows import Key, Row, entity, values


@dataclass(frozen=True)
class IdempotencyRecord:
    """A used key. `name` is the route and the key, `resource_id` names what the request made.

    `status` and `body` are None until the response is stored.
    """

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
    """Stage the claim of a key. Raises a Problem when the key is in use; an expired record counts as absent."""
    row = IdempotencyRow(**values(record), expires=int(record.expires_at.timestamp()))
    free = IdempotencyRow.user_id.does_not_exist() | (IdempotencyRow.expires_at <= now)
    ops.put_if(row, free, conflict=Problem("idempotency_in_progress", retry_after_seconds=1))


def store_response(user_id: str, name: str, fingerprint: str, status: int, body: str) -> None:
    """Store the response for a retry. Does nothing when this request did not claim the key."""
    row = IdempotencyRow
    update_if(row(user_id, name), [row.status.set(status), row.body.set(body)], row.fingerprint == fingerprint)


def backdate(user_id: str, name: str, fingerprint: str, claimed_at: datetime) -> None:
    """Backdate the claim, unless a response is stored or the key belongs to another request."""
    row = IdempotencyRow
    unanswered = (row.fingerprint == fingerprint) & row.status.does_not_exist()
    update_if(row(user_id, name), [row.claimed_at.set(claimed_at)], unanswered)


def stage_deletion(ops: Transaction, user_id: str) -> int:
    """Stage the deletion of a user's first MAX_ITEMS idempotency records. Returns their number."""
    return ops.remove_first(IdempotencyRow, user_id)
