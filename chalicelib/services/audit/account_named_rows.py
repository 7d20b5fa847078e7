"""Reads the rows that the rows of an account name: identities, references, power banks, coupons, other accounts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.payments.topup_intent import IntentState
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rewards.coupon import Coupon, UserCouponCount
from chalicelib.domain.rewards.point_rules import invitee_of_award, signup_identifier_of, topup_award_id
from chalicelib.services.audit.account_case import AccountCase
from chalicelib.services.audit.account_identities import identities_of
from chalicelib.services.auth import identifier_keys
from chalicelib.services.auth.referral_claims import BONUS
from chalicelib.tables import accounts, coupons, credentials, identities, intent_references, outbox, powerbanks
from chalicelib.tables.credentials import Credentials
from chalicelib.tables.intent_references import Pointer
from chalicelib.tables.rows import Found, Key
from chalicelib.world import World


@dataclass(frozen=True)
class NamedKeys:
    """The keys of the rows that the rows of an account name."""

    identities: Mapping[tuple[str, str], Key[str]]
    signups: Mapping[str, Key[str]]
    pointers: Mapping[str, Key[Pointer]]
    awards: Mapping[str, Key[Any]]
    powerbanks: Mapping[str, Key[Powerbank]]
    invitees: Mapping[str, Key[Account]]
    coupons: Mapping[str, Key[Coupon]]
    coupon_counts: Mapping[str, Key[UserCouponCount]]
    counters: Mapping[tuple[str, int], Key[int]]
    credentials: Mapping[str, Key[Credentials]]

    def all(self) -> Iterator[Key[Any]]:
        for keys in vars(self).values():
            yield from keys.values()


def named_keys(world: World, case: AccountCase) -> NamedKeys:
    """The keys of all rows that the case names."""
    codes = {use.code for use in case.coupon_uses}
    user_id = case.account.user_id
    return NamedKeys(
        identities={identity: identities.identity_key(*identity) for identity in expected_identities(world, case)},
        signups={
            key: identities.identity_key(BONUS, key)
            for ref in case.ledger.refs
            if (key := signup_identifier_of(ref)) is not None
        },
        pointers=_pointer_keys(case),
        awards={
            award_id: outbox.message_key(award_id)
            for intent in case.intents
            if intent.state is IntentState.SUCCESS
            for award_id in [topup_award_id(intent.intent_id)]
        },
        powerbanks={sn: powerbanks.powerbank_key(sn) for rental in case.rentals for sn in _powerbank_sns(rental)},
        invitees={
            invitee_id: accounts.account_key(invitee_id)
            for ref in case.ledger.refs
            if (invitee_id := invitee_of_award(ref)) is not None
        },
        coupons={code: coupons.coupon_key(code) for code in codes},
        coupon_counts={code: coupons.count_key(user_id, code) for code in codes},
        counters={
            (use.code, use.counter): coupons.counter_key(use.code, use.counter)
            for use in case.coupon_uses
            if use.counter is not None
        },
        credentials={
            operator.email: credentials.credentials_key(identifier_keys.identifier_key(world, operator.email))
            for operator in [case.operator]
            if operator is not None
        },
    )


def _powerbank_sns(rental: Rental) -> Iterator[str]:
    """The power banks that the rental had, or was to have."""
    yield rental.powerbank_sn
    yield from (eject.powerbank_sn for eject in rental.superseded_ejects)
    if rental.swap is not None:
        yield rental.swap.powerbank_sn


def _pointer_keys(case: AccountCase) -> dict[str, Key[Pointer]]:
    """The keys of all references of the intents: by id, by the gateway's id, by the transaction that was credited."""
    keys: dict[str, Key[Pointer]] = {}
    for intent in case.intents:
        for gateway, reference in intent_references.references_of(intent):
            keys[f"{gateway}#{reference}"] = intent_references.reference_key(gateway, reference)
    return keys


def with_named_rows(case: AccountCase, keys: NamedKeys, found: Found) -> AccountCase:
    """The case with what was found under its `named_keys`.

    Of rows that others change all the time only that stays which the rules compare, so that the case of a quiet
    account is equal at each look.
    """
    open_sns = {rental.powerbank_sn for rental in case.rentals if rental.open}
    return replace(
        case,
        owners={identity: found[key] for identity, key in keys.identities.items()},
        lost_signups=frozenset(name for name, key in keys.signups.items() if found[key] is None),
        pointers={reference: found[key] for reference, key in keys.pointers.items()},
        waiting_awards=frozenset(name for name, key in keys.awards.items() if found[key] is not None),
        powerbanks={sn: found[key] for sn, key in keys.powerbanks.items() if sn in open_sns},
        lost_powerbanks=frozenset(sn for sn, key in keys.powerbanks.items() if found[key] is None),
        invitees={invitee_id: found[key] for invitee_id, key in keys.invitees.items()},
        password_owner=next((row.user_id for key in keys.credentials.values() if (row := found[key])), None),
        lost_coupons=frozenset(code for code, key in keys.coupons.items() if found[key] is None),
        lost_coupon_counts=frozenset(code for code, key in keys.coupon_counts.items() if found[key] is None),
        lost_counters=frozenset(
            f"{use.code}#{use.counter}"
            for use in case.coupon_uses
            if use.counter is not None and (found[keys.counters[use.code, use.counter]] or 0) < use.counter_uses_count
        ),
    )


def expected_identities(world: World, case: AccountCase) -> list[tuple[str, str]]:
    """Kind and value of every identity that a live customer's account has."""
    if case.account.deleted or case.user is None:
        return []
    return identities_of(world, case.user, case.submission)
