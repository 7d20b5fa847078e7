"""Money that operators added stays apart from what came through gateways, whatever happens to both."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger_entries
from chalicelib.domain.money.added_money import from_gateways_paisa, with_added_money
from chalicelib.domain.money.ledger import Entry, post
from chalicelib.domain.payments.refund import Refund
from chalicelib.domain.payments.reversal import ReversalSplit

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
EMPTY = Account("user")


def after(*changes: tuple[str, int]) -> Account:
    """The account after changes of its wallet: an addition, a top-up, a payment, or money given back for a rental."""
    account = EMPTY
    for kind, change in changes:
        total = account.wallet_paisa + change
        following = with_added_money(
            account, total_paisa=total, is_addition=kind == "added", gives_back=kind == "given back"
        )
        account = Account(
            "user",
            wallet_paisa=total,
            added_paisa=following.added_paisa,
            added_spent_paisa=following.added_spent_paisa,
        )
    return account


@pytest.mark.parametrize(
    ("changes", "from_gateways"),
    [
        ([("topup", 50)], 50),
        ([("added", 20)], 0),
        ([("topup", 15), ("paid", -15), ("added", 20)], 0),
        ([("topup", 50), ("added", 20), ("paid", -30)], 20),
        ([("topup", 50), ("added", 20), ("paid", -60)], 0),
        ([("added", 20), ("paid", -20), ("topup", 50)], 50),
        ([("topup", 15), ("paid", -15), ("added", 20), ("paid", -20), ("given back", 20)], 0),
        ([("topup", 50), ("paid", -50), ("given back", 50)], 50),
        ([("added", 20), ("paid", -20), ("topup", 50), ("paid", -50), ("given back", 50)], 30),
    ],
)
def test_added_money_is_never_taken_for_money_of_a_gateway(
    changes: list[tuple[str, int]], from_gateways: int
) -> None:
    account = after(*changes)
    assert from_gateways_paisa(account) == from_gateways
    added = sum(change for kind, change in changes if kind == "added")
    assert account.added_paisa + account.added_spent_paisa == added


def test_held_money_is_counted_with_the_wallet() -> None:
    account = Account("user", wallet_paisa=30, held_paisa=40, added_paisa=50)
    assert from_gateways_paisa(account) == 20


@pytest.mark.parametrize(
    ("entry", "added_paisa"),
    [
        (ledger_entries.cancel(paisa=100, points=0), 100),
        (ledger_entries.topup("khalti", 100), 0),
        (ledger_entries.refund_returned(Refund("r", "user", 1, 100, 0, "why", "user", NOW)), 0),
        (ledger_entries.reversal_restored("khalti", ReversalSplit(100, 0, 0)), 100),
    ],
)
def test_spent_added_money_comes_back_only_for_a_rental_or_a_reversal(entry: Entry, added_paisa: int) -> None:
    account, _ = post(Account("user", added_spent_paisa=100), entry, "ref", NOW)
    assert (account.wallet_paisa, account.added_paisa) == (100, added_paisa)
