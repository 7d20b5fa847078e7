"""Reads all that the audit compares about one account."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.domain.account import Account
from chalicelib.domain.device import Device, DeviceCount
from chalicelib.domain.identifier import IdentifierKind
from chalicelib.domain.kyc import KycStatus, KycSubmission
from chalicelib.domain.point_rules import topup_award_id
from chalicelib.domain.powerbank import Powerbank
from chalicelib.domain.refund import Refund
from chalicelib.domain.refund_totals import RefundTotals
from chalicelib.domain.rental import Rental
from chalicelib.domain.reversal import Reversal
from chalicelib.domain.topup_intent import Intent, IntentState
from chalicelib.domain.user import User
from chalicelib.services.audit.ledger import LedgerReading, read_ledger
from chalicelib.services.auth import identifier_keys
from chalicelib.services.users import deletion
from chalicelib.tables import (
    accounts,
    devices,
    identities,
    intents,
    issues,
    kyc,
    outbox,
    powerbanks,
    refunds,
    rentals,
    reversals,
    sessions,
    users,
)
from chalicelib.tables.dynamodb import fetch, fetch_found
from chalicelib.tables.intents import Pointer
from chalicelib.tables.rows import Key
from chalicelib.world import World


@dataclass(frozen=True)
class AccountCase:
    """One account with the rows that belong to it. Two equal cases prove that no row changed between their reads."""

    account: Account
    user: User | None
    submission: KycSubmission | None
    device_count: DeviceCount | None
    has_session_list: bool
    erasing: bool
    """Whether the message that erases the personal data of the deleted account waits."""
    ledger: LedgerReading
    rentals: tuple[Rental, ...]
    intents: tuple[Intent, ...]
    refunds: tuple[Refund, ...]
    totals: tuple[RefundTotals, ...]
    reversals: tuple[Reversal, ...]
    devices: tuple[Device, ...]
    has_issues: bool = False
    """Whether reports of problems are left of the deleted account. Not read for other accounts."""
    owners: Mapping[tuple[str, str], str | None] = field(default_factory=dict)
    """The owner of each identity that the account should have, by its kind and value."""
    pointers: Mapping[str, Pointer | None] = field(default_factory=dict)
    """The intent that each reference of a credit names, by the reference."""
    waiting_awards: frozenset[str] = frozenset()
    powerbanks: Mapping[str, Powerbank | None] = field(default_factory=dict)
    """The power banks of open rentals, by serial number."""

    @property
    def rental_of_refund(self) -> Mapping[str, str]:
        """The rental of each refund of a rental's payment, by the refund's id."""
        return {refund.refund_id: refund.rental_id for refund in self.refunds if refund.rental_id}


def load(world: World, user_id: str) -> AccountCase | None:
    """The case of one account, from strongly consistent reads. None when there is no such account.

    Raises Problem("storage_unavailable").
    """
    account_key, user_key = accounts.account_key(user_id), users.user_key(user_id)
    submission_key, count_key = kyc.kyc_submission_key(user_id), devices.count_key(user_id)
    sessions_key = sessions.active_sessions_key(user_id)
    erasure_key = outbox.message_key(deletion.message_id_of(user_id))
    rows = fetch(account_key, user_key, submission_key, count_key, sessions_key, erasure_key)
    account = rows[account_key]
    if account is None:
        return None
    user_refunds, user_totals = tuple(refunds.of_user(user_id)), tuple(refunds.totals_of_user(user_id))
    wanted = {refund.seq for refund in user_refunds} | {totals.seq for totals in user_totals}
    user_intents = tuple(intents.of_user(user_id, after="0"))
    case = AccountCase(
        account,
        rows[user_key],
        rows[submission_key],
        rows[count_key],
        rows[sessions_key] is not None,
        rows[erasure_key] is not None,
        read_ledger(account, wanted),
        tuple(rentals.of_user(user_id)),
        user_intents,
        user_refunds,
        user_totals,
        tuple(reversals.of_user(user_id)),
        tuple(devices.of_user(user_id)),
        has_issues=account.deleted and issues.any_of_user(user_id),
    )
    return _with_named_rows(world, case)


def _with_named_rows(world: World, case: AccountCase) -> AccountCase:
    """The case with the rows that its own rows name."""
    identity_keys = {identity: identities.identity_key(*identity) for identity in expected_identities(world, case)}
    pointer_keys: dict[str, Key[Pointer]] = {}
    award_keys = {}
    for intent in case.intents:
        if intent.state is IntentState.SUCCESS:
            reference = intents.credit_reference(str(intent.credited_ref))
            pointer_keys[f"{intent.gateway}#{reference}"] = intents.reference_key(intent.gateway, reference)
            award_id = topup_award_id(intent.intent_id)
            award_keys[award_id] = outbox.message_key(award_id)
    bank_keys = {
        rental.powerbank_sn: powerbanks.powerbank_key(rental.powerbank_sn) for rental in case.rentals if rental.open
    }
    keys: list[Key[Any]] = [
        *identity_keys.values(),
        *pointer_keys.values(),
        *award_keys.values(),
        *bank_keys.values(),
    ]
    found = fetch_found(keys)
    return replace(
        case,
        owners={identity: found[key] for identity, key in identity_keys.items()},
        pointers={reference: found[key] for reference, key in pointer_keys.items()},
        waiting_awards=frozenset(name for name, key in award_keys.items() if found[key] is not None),
        powerbanks={sn: found[key] for sn, key in bank_keys.items()},
    )


def expected_identities(world: World, case: AccountCase) -> list[tuple[str, str]]:
    """Kind and value of every identity that a live customer's account has."""
    if case.account.deleted or case.user is None:
        return []
    return identities_of(world, case.user, case.submission)


def identities_of(world: World, user: User, submission: KycSubmission | None) -> list[tuple[str, str]]:
    """Kind and value of every identity that belongs to a user."""
    wanted = [("username", user.username.lower()), ("referral", user.referral_code)]
    for kind, text in ((IdentifierKind.PHONE, user.phone), (IdentifierKind.EMAIL, user.email)):
        if text is not None:
            wanted.append((kind.value, identifier_keys.identifier_key(world, text)))
    if submission is not None and submission.status is not KycStatus.REJECTED:
        wanted.append(("document", submission.number_key))
    return wanted
