"""A request with an Idempotency-Key: found, claimed in the same write as its effect, answered again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.idempotency import IdempotencyKey, StoredResponse
from chalicelib.domain.problems import Problem
from chalicelib.tables import idempotency
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.idempotency import IdempotencyRecord
from chalicelib.tables.rows import Key
from chalicelib.world import World


@dataclass(frozen=True)
class IdempotencyClaim:
    """A key this request holds. `resource_id` names what an earlier try made, one that died unanswered or whose
    answer is not kept whole: it is answered by that, and nothing is done. `stored_body` is what of the answer is."""

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
    """What the key means now: an answer to repeat, or leave to go on.

    Raises Problem: idempotency_key_reused for another request, idempotency_in_progress for one that runs.
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
    """In the transaction of the effect: `resource_id` is what it makes. Nothing when the request has no key."""
    if claimed is None:
        return
    now = world.now()
    until: datetime = now + timedelta(days=world.settings().idempotency_ttl_days)
    record = IdempotencyRecord(
        claimed.user_id, claimed.name, claimed.fingerprint, resource_id, claimed_at=now, expires_at=until
    )
    idempotency.claim(ops, record, now)


def store_response(claimed: IdempotencyClaim, response: StoredResponse) -> None:
    """Remember what was answered."""
    idempotency.store_response(claimed.user_id, claimed.name, claimed.fingerprint, response.status, response.body)


def release(world: World, claimed: IdempotencyClaim) -> None:
    """It has failed and may be tried again at once: nobody is waiting on it any more."""
    began = world.now() - timedelta(seconds=world.settings().idempotency_running_seconds)
    idempotency.backdate(claimed.user_id, claimed.name, claimed.fingerprint, began)
