"""Reads all that the audit compares about one account."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from chalicelib.domain.accounts.account import Account, Role
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.money.balance_addition import BalanceAddition
from chalicelib.domain.operators.operator import Operator
from chalicelib.domain.payments.refund import Refund
from chalicelib.domain.payments.refund_totals import RefundTotals
from chalicelib.domain.payments.reversal import Reversal
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rewards.achievement import UnlockedAchievement
from chalicelib.domain.rewards.coupon import CouponUse
from chalicelib.domain.rewards.leaderboard import Scores
from chalicelib.domain.rewards.point_rules import invitee_of_award, topup_award_id
from chalicelib.domain.sessions.device import Device, DeviceCount
from chalicelib.domain.users.kyc import KycSubmission
from chalicelib.domain.users.user import User
from chalicelib.services.audit.account_history import HistorySums, read_history
from chalicelib.services.audit.account_identities import identities_of
from chalicelib.services.audit.account_part import AccountPart
from chalicelib.services.audit.day_counts import miscounted
from chalicelib.services.audit.ledger import LedgerReading, read_ledger
from chalicelib.services.users import deletion
from chalicelib.tables import (
    accounts,
    achievements,
    balance_additions,
    coupons,
    devices,
    identities,
    intent_references,
    issues,
    kyc,
    leaderboards,
    open_items,
    operators,
    outbox,
    powerbanks,
    rental_issues,
    reversals,
    sessions,
    users,
)
from chalicelib.tables.dynamodb import fetch_found, fetch_one
from chalicelib.tables.intent_references import Pointer
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World


@dataclass(frozen=True)
class AccountCase:
    """One part of an account with the rows that belong to it, and sums of the whole account.

    Two equal cases prove that no row changed between their reads.
    """

    part: AccountPart
    account: Account
    user: User | None
    submission: KycSubmission | None
    device_count: DeviceCount | None
    has_session_list: bool
    erasing: bool
    """Whether the message that erases the personal data of the deleted account waits."""
    ledger: LedgerReading
    sums: HistorySums
    rentals: tuple[Rental, ...]
    intents: tuple[Intent, ...]
    refunds: tuple[Refund, ...]
    totals: tuple[RefundTotals, ...]
    reversals: tuple[Reversal, ...]
    devices: tuple[Device, ...]
    open_items: frozenset[str]
    """What may forbid the deletion of the account."""
    additions: tuple[BalanceAddition, ...] = ()
    """What operators added to the wallet, or want to add."""
    coupon_uses: tuple[CouponUse, ...] = ()
    achievements: tuple[UnlockedAchievement, ...] = ()
    scores: Scores = field(default_factory=dict)
    """What the rankings of the leaderboard count of the account."""
    operator: Operator | None = None
    """The operator of an account that has a role. Not read for customers."""
    miscounted: frozenset[str] = frozenset()
    """Rentals and top-ups that count something else in the counters of days than what they are."""
    has_issues: bool = False
    """Whether issues are left of the deleted account. Not read for other accounts."""
    owners: Mapping[tuple[str, str], str | None] = field(default_factory=dict)
    """The owner of each identity that the account should have, by its kind and value."""
    pointers: Mapping[str, Pointer | None] = field(default_factory=dict)
    """The intent that each reference of a credit names, by the reference."""
    waiting_awards: frozenset[str] = frozenset()
    invitees: Mapping[str, Account | None] = field(default_factory=dict)
    """The customers for whose first rental the account has points, by their ids."""
    powerbanks: Mapping[str, Powerbank | None] = field(default_factory=dict)
    """The power banks of open rentals, by serial number."""

    @property
    def rental_of_refund(self) -> Mapping[str, str]:
        """The rental of each refund of a rental's payment, by the refund's id."""
        return {refund.refund_id: refund.rental_id for refund in self.refunds if refund.rental_id}


def load(world: World, part: AccountPart) -> AccountCase | None:
    """The case of a part, from strongly consistent reads. None when there is no such account.

    Raises Problem("storage_unavailable").
    """
    return next(iter(load_all(world, [part])), None)


def load_all(
    world: World, parts: Sequence[AccountPart], users_of: Mapping[str, Collection[str]] | None = None
) -> list[AccountCase]:
    """The cases of those parts whose account exists. Raises Problem("storage_unavailable").

    `users_of` names the users with rows in a table of `audit_scan.OWNED`. No row of any other user is looked for.
    """
    keys = {part: _own_keys(part.user_id) for part in parts}
    found = fetch_found([key for own_keys in keys.values() for key in own_keys])
    cases = [
        _own_rows(world, part, [found[key] for key in own_keys], partial(_has_rows, users_of, part.user_id))
        for part, own_keys in keys.items()
        if found[own_keys[0]] is not None
    ]
    named_keys = [_named_keys(world, case) for case in cases]
    named_rows = fetch_found([*dict.fromkeys(key for named in named_keys for key in named.all())])
    return [_with_named_rows(case, named, named_rows) for case, named in zip(cases, named_keys, strict=True)]


def _has_rows(users_of: Mapping[str, Collection[str]] | None, user_id: str, table: str) -> bool:
    return users_of is None or user_id in users_of[table]


def _own_keys(user_id: str) -> list[Key[Any]]:
    return [
        accounts.account_key(user_id),
        users.user_key(user_id),
        kyc.kyc_submission_key(user_id),
        devices.count_key(user_id),
        sessions.active_sessions_key(user_id),
        outbox.message_key(deletion.message_id_of(user_id)),
        leaderboards.scores_key(user_id),
    ]


def _own_rows(world: World, part: AccountPart, rows: Sequence[Any], has: Callable[[str], bool]) -> AccountCase:
    """The case without the rows that its own rows name. `rows` are those of `_own_keys`."""
    account, user, submission, device_count, session_list, erasure, counted = rows
    user_id, history = part.user_id, read_history(account, part, has, world.now())
    return AccountCase(
        part,
        account,
        user,
        submission,
        device_count,
        session_list is not None,
        erasure is not None,
        read_ledger(account, part, history) if has("postings") else LedgerReading(part),
        history.sums,
        history.rentals,
        history.intents,
        history.refunds,
        history.totals,
        tuple(one for one in reversals.of_user(user_id) if part.holds(one.intent_id)) if has("reversals") else (),
        tuple(devices.of_user(user_id)) if has("devices") else (),
        frozenset(open_items.of_user(user_id)) if has("open_items") else frozenset(),
        tuple(one for one in balance_additions.each_of_user(user_id) if part.holds(one.addition_id))
        if has("balance_additions")
        else (),
        tuple(coupons.uses_of_user(user_id)) if has("coupon_uses") else (),
        tuple(achievements.of_user(user_id)) if has("achievements") else (),
        scores=counted.scores if counted else {},
        operator=fetch_one(operators.operator_key(user_id)) if account.role is not Role.CUSTOMER else None,
        miscounted=miscounted(user_id, history.rentals, history.intents) if has("counted_facts") else frozenset(),
        has_issues=account.deleted and _has_issues(user_id, has),
    )


def _has_issues(user_id: str, has: Callable[[str], bool]) -> bool:
    of_stations = has("station_issues") and issues.any_of_user(user_id)
    return of_stations or (has("rental_issues") and rental_issues.any_of_user(user_id))


@dataclass(frozen=True)
class NamedKeys:
    """The keys of the rows that the rows of an account name."""

    identities: Mapping[tuple[str, str], Key[str]]
    pointers: Mapping[str, Key[Pointer]]
    awards: Mapping[str, Key[Any]]
    powerbanks: Mapping[str, Key[Powerbank]]
    invitees: Mapping[str, Key[Account]]

    def all(self) -> Iterator[Key[Any]]:
        for keys in (self.identities, self.pointers, self.awards, self.powerbanks, self.invitees):
            yield from keys.values()


def _named_keys(world: World, case: AccountCase) -> NamedKeys:
    pointer_keys: dict[str, Key[Pointer]] = {}
    award_keys = {}
    for intent in case.intents:
        if intent.state is IntentState.SUCCESS:
            reference = intent_references.credit_reference(str(intent.credited_ref))
            pointer_keys[f"{intent.gateway}#{reference}"] = intent_references.reference_key(intent.gateway, reference)
            award_id = topup_award_id(intent.intent_id)
            award_keys[award_id] = outbox.message_key(award_id)
    return NamedKeys(
        {identity: identities.identity_key(*identity) for identity in expected_identities(world, case)},
        pointer_keys,
        award_keys,
        {
            rental.powerbank_sn: powerbanks.powerbank_key(rental.powerbank_sn)
            for rental in case.rentals
            if rental.open
        },
        {
            invitee_id: accounts.account_key(invitee_id)
            for ref in case.ledger.refs
            if (invitee_id := invitee_of_award(ref)) is not None
        },
    )


def _with_named_rows(case: AccountCase, keys: NamedKeys, found: Found) -> AccountCase:
    return replace(
        case,
        owners={identity: found[key] for identity, key in keys.identities.items()},
        pointers={reference: found[key] for reference, key in keys.pointers.items()},
        waiting_awards=frozenset(name for name, key in keys.awards.items() if found[key] is not None),
        powerbanks={sn: found[key] for sn, key in keys.powerbanks.items()},
        invitees={invitee_id: found[key] for invitee_id, key in keys.invitees.items()},
    )


def expected_identities(world: World, case: AccountCase) -> list[tuple[str, str]]:
    """Kind and value of every identity that a live customer's account has."""
    if case.account.deleted or case.user is None:
        return []
    return identities_of(world, case.user, case.submission)
