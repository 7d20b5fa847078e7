"""Every ledger entry balances, and moves the accounts of its kind in the direction that its name says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger, ledger_accounts, ledger_entries
from chalicelib.domain.money.ledger import PostingKind, must_balance, post
from chalicelib.domain.payments.refund import RefundMethod
from tests.domain.ledger_entry_cases import ALL, AT, refund

AMOUNTS = st.integers(1, 10**9)


@pytest.mark.parametrize("name", ALL)
@given(paisa=AMOUNTS, points=AMOUNTS)
def test_an_entry_moves_each_account_by_the_whole_amount(name: str, paisa: int, points: int) -> None:
    case = ALL[name]
    entry = case.make(paisa, points)
    amounts = {(leg.account, leg.currency): leg.amount for leg in entry.legs}
    expected = {(account, ledger.NPR): sign * paisa for account, sign in case.paisa.items()}
    expected |= {(account, ledger.PTS): sign * points for account, sign in case.points.items()}
    assert (entry.kind, amounts) == (case.kind, expected)
    must_balance(entry.legs)


@pytest.mark.parametrize("name", ALL)
def test_an_entry_moves_no_account_foreign_to_its_kind(name: str) -> None:
    entry = ALL[name].make(5, 7)
    assert ledger_accounts.foreign_accounts(entry.kind, (leg.account for leg in entry.legs)) == set()


@pytest.mark.parametrize("kind", PostingKind)
def test_each_account_of_a_kind_is_moved_by_some_entry(kind: PostingKind) -> None:
    accounts = {leg.account for case in ALL.values() if case.kind is kind for leg in case.make(5, 7).legs}
    general = {
        ledger_entries.GATEWAY if account.startswith(ledger_entries.GATEWAY) else account for account in accounts
    }
    assert general == ledger_accounts.ACCOUNTS[kind]


@pytest.mark.parametrize("name", ALL)
def test_an_entry_of_nothing_has_no_legs(name: str) -> None:
    assert ALL[name].make(0, 0).legs == ()


def test_another_kinds_account_is_foreign() -> None:
    accounts = ("wallet", "revenue:late_fee", "gateway:khalti")
    assert ledger_accounts.foreign_accounts(PostingKind.CHARGE, accounts) == {"revenue:late_fee", "gateway:khalti"}
    assert ledger_accounts.foreign_accounts(PostingKind.TOPUP, accounts) == {"revenue:late_fee"}


def test_a_payment_that_is_none_cannot_be_refunded() -> None:
    with pytest.raises(KeyError):
        ledger_entries.refund_payment(PostingKind.HOLD, paisa=1, points=0)


@given(paisa=AMOUNTS, points=AMOUNTS)
def test_a_released_hold_leaves_the_account_as_it_was(paisa: int, points: int) -> None:
    account = Account("u", wallet_paisa=paisa, points=points)
    held, _ = post(account, ledger_entries.hold(paisa=paisa, points=points), "r", AT)
    assert (held.wallet_paisa, held.held_paisa, held.points, held.held_points) == (0, paisa, 0, points)
    released, _ = post(held, ledger_entries.release(paisa=paisa, points=points), "r", AT)
    assert (released.wallet_paisa, released.held_paisa, released.points) == (paisa, 0, points)


@given(paisa=AMOUNTS, points=AMOUNTS)
def test_a_returned_refund_leaves_the_account_as_it_was(paisa: int, points: int) -> None:
    account = Account("u", wallet_paisa=paisa, points=points)
    sent, _ = post(account, ledger_entries.refund_by_gateway(paisa=paisa, points=points), "r", AT)
    returned, _ = post(sent, ledger_entries.refund_returned(refund(paisa, points, RefundMethod.GATEWAY)), "r", AT)
    assert (sent.wallet_paisa, sent.points) == (0, 0)
    assert (returned.wallet_paisa, returned.points) == (paisa, points)
