"""Who calls: the token's account and session, read together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.account import Account, Status
from chalicelib.domain.idempotency import Answered, OnceAsked
from chalicelib.domain.problems import Problem
from chalicelib.domain.session import Session
from chalicelib.services import idempotency
from chalicelib.services.idempotency import Once
from chalicelib.tables import accounts, sessions
from chalicelib.tables.atomic import Ops
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World


@dataclass(frozen=True)
class Asking:
    """How a caller came in: kept so that a decision that went stale can look again."""

    claims: Mapping[str, Any]
    also: tuple[Key[Any], ...]
    right: str | None
    once: OnceAsked | None


@dataclass(frozen=True)
class Caller:
    """A signed-in account as strongly read by this request, with whatever else was read in the same call."""

    account: Account
    session: Session
    rows: Found
    asking: Asking
    once: Once | None = None
    replay: Answered | None = None

    @property
    def user_id(self) -> str:
        return self.account.user_id


def authenticate(
    world: World,
    *,
    claims: Mapping[str, Any],
    also: tuple[Key[Any], ...] = (),
    right: str | None = None,
    once: OnceAsked | None = None,
) -> Caller:
    """One read of account, session, `also` and the request's key. Raises Problem: ended, banned, no right."""
    asking = Asking(claims, also, right, once)
    account_key, session_key = (
        accounts.account_key(str(claims["sub"])),
        sessions.session_key(str(claims["sid"])),
    )
    claim_key = idempotency.key_of(account_key.hash_key, once) if once else None
    found = fetch(account_key, session_key, *also, *([claim_key] if claim_key else []))
    account, session = found[account_key], found[session_key]
    if account is None or session is None or session.user_id != account.user_id:
        raise Problem("session_ended")
    if account.status is Status.DELETED or not session.live(account, world.now()):
        raise Problem("session_ended")
    if account.status is Status.BANNED:
        raise Problem("account_banned")
    if right is not None and not account.may(right):
        raise Problem("forbidden")
    caller = Caller(account, session, found, asking)
    if once is None or claim_key is None:
        return caller
    met = idempotency.meet(world, claim_key, once, found[claim_key])
    return replace(caller, replay=met) if isinstance(met, Answered) else replace(caller, once=met)


def again(world: World, caller: Caller, ops: Ops) -> Caller:
    """The caller for this try of a decision: as read by the request, or freshly read when somebody was quicker.

    Raises Problem("idempotency_in_progress") when the quicker one was this very request.
    """
    return caller if ops.attempt == 0 else reread(world, caller)


def reread(world: World, caller: Caller) -> Caller:
    """The caller as they are now. Raises Problem("idempotency_in_progress") like `again`."""
    asking = caller.asking
    fresh = authenticate(world, claims=asking.claims, also=asking.also, right=asking.right, once=asking.once)
    made_meanwhile = fresh.once is not None and fresh.once.ref is not None
    if fresh.replay is not None or made_meanwhile:
        raise Problem("idempotency_in_progress", retry_after_seconds=1)
    return fresh
