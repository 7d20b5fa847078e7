"""Who asks: the token's account and session, read together; and what they see of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib import log
from chalicelib.domain.once import Answered, OnceAsked
from chalicelib.domain.problems import Problem
from chalicelib.domain.user import Account, Papers, Session, Status, User
from chalicelib.services import identities
from chalicelib.services import once as keyed
from chalicelib.services.identities import NOTHING, Wanted
from chalicelib.services.once import Once
from chalicelib.tables import accounts, users
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.store import Found, Key, fetch
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
        accounts.session_key(str(claims["sid"])),
    )
    claim_key = keyed.key_of(account_key.hash_key, once) if once else None
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
    met = keyed.meet(world, claim_key, once, found[claim_key])
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


def keys_of_me(user_id: str) -> tuple[Key[User], Key[Papers]]:
    """What `me` and the profile need beside the account."""
    return users.user_key(user_id), users.papers_key(user_id)


def person(caller: Caller) -> tuple[User, Papers | None]:
    """The caller's own user and papers, read with `keys_of_me`. Raises Problem("not_found") for an operator."""
    user_key, papers_key = keys_of_me(caller.user_id)
    user = caller.rows[user_key]
    if user is None:
        raise Problem("not_found")
    return user, caller.rows[papers_key]


def change_profile(world: World, caller: Caller, change: Mapping[str, Any], wanted: Wanted = NOTHING) -> User:
    """Set the named fields of a profile (None clears), and what the user is known by.

    All of it or nothing. Returns the user. Raises what `identities.changed` raises.
    """

    def decide(ops: Ops) -> tuple[User, User, tuple[str, ...]]:
        who = again(world, caller, ops)
        user, _ = person(who)
        known, kinds = identities.changed(ops, world, user, wanted)
        changed = replace(known, **change)
        if changed == user:
            return user, user, ()
        users.save(ops, changed)
        if changed.profile_complete != who.account.profile_complete:
            accounts.save(ops, replace(who.account, profile_complete=changed.profile_complete))
        return user, changed, kinds

    before, user, kinds = atomic(world, decide)
    for kind in kinds:
        log.fact("identity_changed", user_id=user.user_id, about=kind)
    if kinds:
        identities.forget_proofs(world, before, user)
    return user
