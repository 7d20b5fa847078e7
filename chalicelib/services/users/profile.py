"""Reads and changes a user's own profile, together with the identifiers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib import log
from chalicelib.domain.accounts.rent_eligibility import is_profile_complete
from chalicelib.domain.notifications.profile_reminder import with_reminder
from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.users.kyc import KycSubmission
from chalicelib.domain.users.user import User
from chalicelib.services.auth import identifiers
from chalicelib.services.auth.identifiers import NO_CHANGE, IdentifierChange
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.tables import accounts, kyc, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.rows import Key
from chalicelib.world import World


def profile_keys(user_id: str) -> tuple[Key[User], Key[KycSubmission]]:
    """The keys of the rows that the profile needs besides the account."""
    return users.user_key(user_id), kyc.kyc_submission_key(user_id)


def load_profile(caller: Caller) -> tuple[User, KycSubmission | None]:
    """The user and the KYC submission of the caller, read with `profile_keys`. Raises Problem("not_found") for an
    operator."""
    user_key, papers_key = profile_keys(caller.user_id)
    user = must_exist(caller.rows[user_key])
    return user, caller.rows[papers_key]


def change_profile(
    world: World, caller: Caller, change: Mapping[str, Any], identifier_change: IdentifierChange = NO_CHANGE
) -> User:
    """Change the named fields of the profile (None clears one) and the identifiers, in one transaction.

    Returns the user. Raises what `identifiers.apply_change` raises.
    """

    def decide(ops: Transaction) -> tuple[User, User, tuple[str, ...]]:
        current_caller = fresh_caller(world, caller, ops)
        user, _ = load_profile(current_caller)
        identified, kinds = identifiers.apply_change(ops, world, user, identifier_change)
        changed = replace(identified, **change)
        if changed == user:
            return user, user, ()
        changed = with_reminder(changed, world.now(), world.settings())
        users.save_user(ops, changed)
        profile_complete = is_profile_complete(changed)
        if profile_complete != current_caller.account.profile_complete:
            accounts.save(ops, replace(current_caller.account, profile_complete=profile_complete))
        return user, changed, kinds

    before, user, kinds = atomic(world, decide)
    for kind in kinds:
        log.fact("identity_changed", user_id=user.user_id, about=kind)
    if kinds:
        identifiers.delete_old_challenges(world, before, user)
    return user
