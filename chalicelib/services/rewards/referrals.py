"""A user's referral code: its numbers, whether a code is one, and the claim of somebody else's."""

from dataclasses import dataclass
from typing import Any

from chalicelib import log
from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.referral import ReferralState
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.services.auth import code_guesses, referral_claims
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.rewards import referral_checks
from chalicelib.tables import accounts, invitations, kyc, users
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.tables.rows import Key
from chalicelib.world import World

GUESSES, PUBLIC_GUESSES = "referral", "referral-public"
"""Strangers who look codes up leave the guesses of signed-in customers at the same address alone."""


@dataclass(frozen=True)
class OwnCode:
    """A user's code, how many customers claimed it, and how many of them have completed a rental."""

    referral_code: str
    invited_count: int
    rewarded_count: int


def own_code_keys(user_id: str) -> tuple[Key[Any], ...]:
    return (users.user_key(user_id),)


def own_code(caller: Caller) -> OwnCode:
    """`caller` was read with `own_code_keys`. Raises Problem("not_found") for an operator."""
    user = must_exist(caller.rows[users.user_key(caller.user_id)])
    invited_count, rewarded_count = invitations.count_of_user(caller.user_id), caller.account.referrals_count
    return OwnCode(user.referral_code, max(invited_count, rewarded_count), rewarded_count)


def username_of_code(world: World, written: str, address: str) -> str | None:
    """The username of the customer whose code it is, or None. Wrong codes are counted by network address.

    A text that can't be a code is not looked up, and counts nothing. Raises Problem("rate_limited").
    """
    key = referral_claims.owner_key(written)
    if key is None:
        return None
    guess_limits = code_guesses.limits(world, PUBLIC_GUESSES, address)
    rows = fetch(key, *(limit.key for limit in guess_limits))
    code_guesses.must_have_guesses(world, guess_limits, rows)
    owner = rows[key]
    if owner is None:
        code_guesses.count_wrong(world, guess_limits)
        return None
    account_key, user_key = accounts.account_key(owner), users.user_key(owner)
    found = fetch(account_key, user_key)
    account, user = found[account_key], found[user_key]
    return user.username if account is not None and not account.deleted and user is not None else None


def claim_keys(user_id: str, written: str) -> tuple[Key[Any], ...]:
    """The rows to read together with the caller: the user, the documents, and the owner of the code."""
    key = referral_claims.owner_key(written)
    return (users.user_key(user_id), kyc.kyc_submission_key(user_id), *([key] if key is not None else []))


def claim(world: World, caller: Caller, written: str, address: str) -> Account:
    """Claim a code before the first rental. A repeated claim of the same code changes nothing. Returns the account.

    `caller` was read with `claim_keys`. Raises Problem: referral_code_invalid, referral_own_code,
    referral_already_claimed, referral_too_late, rate_limited, not_found.
    """
    guess_limits = code_guesses.limits(world, GUESSES, address, caller.user_id)
    key = referral_claims.required_key(written)

    def decide(ops: Transaction) -> tuple[Account, bool]:
        current_caller = fresh_caller(world, caller, ops)
        account, owner = current_caller.account, current_caller.rows[key]
        if account.referrer_id is not None:
            if owner != account.referrer_id:
                raise Problem("referral_already_claimed")
            return account, False
        if account.has_rented:
            raise Problem("referral_too_late")
        user = must_exist(current_caller.rows[users.user_key(account.user_id)])
        submission = current_caller.rows[kyc.kyc_submission_key(account.user_id)]
        checks = referral_checks.keys(world, user, submission, owner)
        rows = fetch(*checks.all(), *(limit.key for limit in guess_limits))
        code_guesses.must_have_guesses(world, guess_limits, rows)
        referrer = rows[checks.referrer] if checks.referrer is not None else None
        if owner is None or referrer is None or referrer.deleted:
            return account, True
        checks.must_be_another_person(rows, account.user_id, owner)
        claimed = referral_claims.stage(ops, world, account, owner)
        accounts.save(ops, claimed)
        return claimed, False

    account, is_wrong = atomic(world, decide)
    if is_wrong:
        code_guesses.count_wrong(world, guess_limits)
        raise referral_claims.unknown_code()
    log.fact("referral_claimed", user_id=caller.user_id)
    return account


def points_awarded(world: World, account: Account) -> int:
    """The points that the claim has earned its customer so far."""
    rewarded = account.referral_state is ReferralState.REWARDED
    return world.settings().referral_invitee_points if rewarded else 0
