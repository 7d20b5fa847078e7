"""Looks up idempotency keys, claims them in the transaction of the effect, and replays stored responses."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.operations.idempotency import IdempotencyKey, StoredResponse
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.best_effort import best_effort
from chalicelib.tables import idempotency
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.idempotency import IdempotencyRecord
from chalicelib.tables.rows import Key
from chalicelib.world import World

REPEATED_WITHIN = timedelta(minutes=1)
"""A request without a key that repeats another one within this time is its double click."""


@dataclass(frozen=True)
class IdempotencyClaim:
    """A key that this request holds.

    `resource_id` names what an earlier try made, when that try stored no response or only a part of it. The verb
    then returns that resource and writes nothing. `stored_body` is the stored part of the response.
    """

    user_id: str
    name: str
    fingerprint: str
    resource_id: str | None = None
    stored_body: str | None = None


def record_key(user_id: str, key: IdempotencyKey) -> Key[IdempotencyRecord]:
    return idempotency.record_key(user_id, f"{key.route}#{key.key}")


def check(
    world: World, key: Key[IdempotencyRecord], requested: IdempotencyKey, record: IdempotencyRecord | None
) -> IdempotencyClaim | StoredResponse:
    """The stored response to replay, or a claim with which the request goes on.

    Raises Problem: idempotency_key_reused when another request used the key, idempotency_in_progress while an earlier
    try runs.
    """
    now = world.now()
    if record is None or record.expires_at <= now:
        return IdempotencyClaim(key.hash_key, str(key.range_key), requested.fingerprint)
    if record.fingerprint != requested.fingerprint:
        raise Problem("idempotency_key_reused")
    if record.status is not None and requested.stored_whole:
        return StoredResponse(record.status, str(record.body))
    running = timedelta(seconds=world.settings().idempotency_running_seconds)
    if record.status is None and now - record.claimed_at < running:
        raise Problem("idempotency_in_progress", retry_after_seconds=2)
    return IdempotencyClaim(key.hash_key, str(key.range_key), requested.fingerprint, record.resource_id, record.body)


def claim(ops: Transaction, world: World, claimed: IdempotencyClaim | None, resource_id: str) -> None:
    """Stage the claim in the transaction that makes `resource_id`. Does nothing for a request without a key."""
    if claimed is None:
        return
    now = world.now()
    until: datetime = now + timedelta(days=world.settings().idempotency_ttl_days)
    record = IdempotencyRecord(
        claimed.user_id, claimed.name, claimed.fingerprint, resource_id, claimed_at=now, expires_at=until
    )
    idempotency.claim(ops, record, now)


def claim_repetition(ops: Transaction, world: World, user_id: str, name: str, resource_id: str) -> None:
    """Stage the claim of what a request without a key means, so that its double click makes nothing.

    Raises a Problem for a double click at the same moment.
    """
    now = world.now()
    record = IdempotencyRecord(user_id, name, "", resource_id, claimed_at=now, expires_at=now + REPEATED_WITHIN)
    idempotency.claim(ops, record, now)


def earlier_of(world: World, record: IdempotencyRecord | None) -> str | None:
    """What the same request made within REPEATED_WITHIN before."""
    return record.resource_id if record is not None and record.expires_at > world.now() else None


def store_response(claimed: IdempotencyClaim, response: StoredResponse) -> None:
    """Store the response for a retry. Without it, a retry gets the resource that `claim` named."""
    status, body = response.status, response.body
    best_effort(
        lambda: idempotency.store_response(claimed.user_id, claimed.name, claimed.fingerprint, status, body),
        "store_response",
        user_id=claimed.user_id,
    )


def release(world: World, claimed: IdempotencyClaim) -> None:
    """Release the key of a failed request, so that a retry is not refused with `idempotency_in_progress`."""
    began = world.now() - timedelta(seconds=world.settings().idempotency_running_seconds)
    idempotency.backdate(claimed.user_id, claimed.name, claimed.fingerprint, began)
