"""A request with an Idempotency-Key: found, claimed in the same write as its effect, answered again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.idempotency import Answered, OnceAsked
from chalicelib.domain.problems import Problem
from chalicelib.tables import idempotency
from chalicelib.tables.atomic import Ops
from chalicelib.tables.idempotency import Claim
from chalicelib.tables.rows import Key
from chalicelib.world import World


@dataclass(frozen=True)
class Once:
    """A key this request holds. `ref` names what an earlier try made, one that died unanswered or whose answer is not
    kept whole: it is answered by that, and nothing is done. `kept` is what of the answer is."""

    user_id: str
    name: str
    fingerprint: str
    ref: str | None = None
    kept: str | None = None


def key_of(user_id: str, asked: OnceAsked) -> Key[Claim]:
    return idempotency.claim_key(user_id, f"{asked.route}#{asked.key}")


def meet(world: World, key: Key[Claim], asked: OnceAsked, claim: Claim | None) -> Once | Answered:
    """What the key means now: an answer to repeat, or leave to go on.

    Raises Problem: idempotency_key_reused for another request, idempotency_in_progress for one that runs.
    """
    now = world.now()
    if claim is None or claim.expires_at <= now:
        return Once(key.hash_key, str(key.range_key), asked.fingerprint)
    if claim.fingerprint != asked.fingerprint:
        raise Problem("idempotency_key_reused")
    if claim.status is not None and asked.whole:
        return Answered(claim.status, str(claim.body))
    running = timedelta(seconds=world.settings().idempotency_running_seconds)
    if claim.status is None and now - claim.claimed_at < running:
        raise Problem("idempotency_in_progress", retry_after_seconds=2)
    return Once(key.hash_key, str(key.range_key), asked.fingerprint, claim.ref, claim.body)


def claim(ops: Ops, world: World, once: Once | None, ref: str) -> None:
    """In the transaction of the effect: `ref` is what it makes. Nothing when the request has no key."""
    if once is None:
        return
    now = world.now()
    until: datetime = now + timedelta(days=world.settings().idempotency_days)
    made = Claim(once.user_id, once.name, once.fingerprint, ref, claimed_at=now, expires_at=until)
    idempotency.claim(ops, made, now)


def keep(world: World, once: Once, answered: Answered) -> None:  # noqa: ARG001  the edge calls all verbs alike
    """Remember what was answered."""
    idempotency.keep(once.user_id, once.name, once.fingerprint, answered.status, answered.body)


def let_go(world: World, once: Once) -> None:
    """It has failed and may be tried again at once: nobody is waiting on it any more."""
    began = world.now() - timedelta(seconds=world.settings().idempotency_running_seconds)
    idempotency.let_go(once.user_id, once.name, once.fingerprint, began)
