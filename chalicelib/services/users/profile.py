"""A user's own profile: read, and changed together with what the user is known by."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib import log
from chalicelib.domain.kyc import Papers
from chalicelib.domain.problems import Problem
from chalicelib.domain.user import User
from chalicelib.services.auth import identifiers
from chalicelib.services.auth.identifiers import NOTHING, Wanted
from chalicelib.services.caller import Caller, again
from chalicelib.tables import accounts, kyc, users
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.rows import Key
from chalicelib.world import World


def keys_of_me(user_id: str) -> tuple[Key[User], Key[Papers]]:
    """What `me` and the profile need beside the account."""
    return users.user_key(user_id), kyc.papers_key(user_id)


def person(caller: Caller) -> tuple[User, Papers | None]:
    """The caller's own user and papers, read with `keys_of_me`. Raises Problem("not_found") for an operator."""
    user_key, papers_key = keys_of_me(caller.user_id)
    user = caller.rows[user_key]
    if user is None:
        raise Problem("not_found")
    return user, caller.rows[papers_key]


def change_profile(world: World, caller: Caller, change: Mapping[str, Any], wanted: Wanted = NOTHING) -> User:
    """Set the named fields of a profile (None clears), and what the user is known by.

    All of it or nothing. Returns the user. Raises what `identifiers.changed` raises.
    """

    def decide(ops: Ops) -> tuple[User, User, tuple[str, ...]]:
        who = again(world, caller, ops)
        user, _ = person(who)
        known, kinds = identifiers.changed(ops, world, user, wanted)
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
        identifiers.forget_proofs(world, before, user)
    return user
