"""Checks that a referrer and the customer who claimed the code are two persons, and that the customer is new."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.users.kyc import KycSubmission
from chalicelib.domain.users.user import User
from chalicelib.services.auth import identifier_keys, referral_claims
from chalicelib.tables import accounts, identities, kyc
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World

REFERRED = "referred"
"""The kind of identity row that records the document of a rewarded customer. The row stays after a deletion."""


@dataclass(frozen=True)
class CheckKeys:
    """The rows that the checks need. `earlier` read as users who had points for the same identifier or document."""

    referrer: Key[Account] | None
    referrer_submission: Key[KycSubmission] | None
    earlier: tuple[Key[str], ...]
    number_key: str | None
    """The keyed digest of the customer's document."""

    def all(self) -> Iterator[Key[Any]]:
        yield from self.earlier
        for key in (self.referrer, self.referrer_submission):
            if key is not None:
                yield key

    def must_be_another_person(self, rows: Found, user_id: str, referrer_id: str) -> None:
        """Raises Problem: referral_own_code, referral_too_late."""
        theirs = rows[self.referrer_submission] if self.referrer_submission is not None else None
        if theirs is not None and theirs.number_key == self.number_key:
            raise Problem("referral_own_code")
        referral_claims.must_be_new(user_id, referrer_id, [rows[key] for key in self.earlier])


def keys(world: World, user: User, submission: KycSubmission | None, referrer_id: str | None) -> CheckKeys:
    identifiers = (identifier_keys.identifier_key(world, text) for text in (user.phone, user.email) if text)
    earlier = [identities.identity_key(referral_claims.BONUS, key) for key in identifiers]
    if submission is not None:
        earlier.append(identities.identity_key(REFERRED, submission.number_key))
    return CheckKeys(
        accounts.account_key(referrer_id) if referrer_id else None,
        kyc.kyc_submission_key(referrer_id) if referrer_id else None,
        tuple(earlier),
        submission.number_key if submission is not None else None,
    )
