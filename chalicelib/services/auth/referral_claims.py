"""Claims of a referral code, at registration and later, by a customer who has not rented yet."""

from collections.abc import Iterable

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.accounts.referral import referral_code_of
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.tables import identities, invitations
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.rows import Key
from chalicelib.world import World

BONUS = "bonus"
"""The kind of identity row that records the sign-up points of an identifier. The row stays after its user's deletion.
"""


def owner_key(written: str) -> Key[str] | None:
    """The key of a code as people type it; it reads as its owner. None for a text that can't be a code."""
    code = referral_code_of(written)
    return identities.identity_key("referral", code) if code is not None else None


def required_key(written: str) -> Key[str]:
    """As `owner_key`. Raises Problem("referral_code_invalid")."""
    key = owner_key(written)
    if key is None:
        raise unknown_code()
    return key


def referrer_of(owner: str | None) -> str:
    """The owner of a code as read. Raises Problem("referral_code_invalid")."""
    if owner is None:
        raise unknown_code()
    return owner


def unknown_code() -> Problem:
    return Problem("referral_code_invalid", errors={"referral_code": [validation_message("referral_code_unknown")]})


def must_be_new(user_id: str, referrer_id: str, earlier_owners: Iterable[str | None]) -> None:
    """Check that the customer is new, and is not the referrer.

    `earlier_owners` are the users who had the sign-up points of the customer's phone number, e-mail address or
    document. Raises Problem: referral_own_code, referral_too_late.
    """
    owners = {*earlier_owners} - {None, user_id}
    if referrer_id == user_id or referrer_id in owners:
        raise Problem("referral_own_code")
    if owners:
        raise Problem("referral_too_late")


def stage(ops: Transaction, world: World, account: Account, referrer_id: str) -> Account:
    """Stage the invitation. Returns the account that claimed the code, for the caller to save."""
    invitations.add(ops, referrer_id=referrer_id, invitee_id=account.user_id, claimed_at=world.now())
    return account.referred_by(referrer_id)
