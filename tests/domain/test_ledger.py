"""Postings: numbered, chained by hash, balanced, and never below zero."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money import ledger
from chalicelib.domain.money.ledger import Entry, PostingKind, Unbalanced, hash_of, legs, post, post_if_any

DUE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_a_posting_is_numbered_and_chained() -> None:
    first, posting = post(
        Account("u"), Entry(PostingKind.TOPUP, legs(paisa=[("wallet", 5), ("gateway:khalti", -5)])), "a", DUE
    )
    second, two = post(first, Entry(PostingKind.HOLD, legs(paisa=[("wallet", -2), ("held", 2)])), "b", DUE)
    assert (posting.seq, two.seq, second.seq) == (1, 2, 2)
    assert two.previous_hash == posting.hash
    assert second.last_hash == two.hash
    assert (two.wallet_after_paisa, two.points_after) == (3, 0)
    assert two.hash == hash_of(two)
    others: list[dict[str, Any]] = [
        {"user_id": "v"},
        {"seq": 3},
        {"kind": PostingKind.CHARGE},
        {"ref": "c"},
        {"at": DUE + timedelta(microseconds=1)},
        {"legs": posting.legs},
        {"wallet_after_paisa": 4},
        {"points_after": 1},
        {"previous_hash": ""},
    ]
    assert len({hash_of(replace(two, **other)) for other in [{}, *others]}) == 1 + len(others)
    assert (second.wallet_paisa, second.held_paisa) == (3, 2)


def test_posting_times_never_decrease() -> None:
    moved = legs(paisa=[("wallet", 5), ("gateway:khalti", -5)])
    first, posting = post(Account("u"), Entry(PostingKind.TOPUP, moved), "a", DUE)
    second, two = post(first, Entry(PostingKind.TOPUP, moved), "b", DUE - timedelta(seconds=1))
    _, three = post(second, Entry(PostingKind.TOPUP, moved), "c", DUE + timedelta(seconds=1))
    assert (posting.at, two.at, three.at) == (DUE, DUE, DUE + timedelta(seconds=1))


def test_an_entry_that_moves_nothing_is_not_posted() -> None:
    assert post_if_any(Account("u"), Entry(PostingKind.HOLD, legs(paisa=[("wallet", 0), ("held", 0)])), "a", DUE) == (
        Account("u"),
        [],
    )
    moved = legs(paisa=[("wallet", 5), ("gateway:khalti", -5)])
    after, posting = post(Account("u"), Entry(PostingKind.TOPUP, moved), "a", DUE)
    assert post_if_any(Account("u"), Entry(PostingKind.TOPUP, moved), "a", DUE) == (after, [posting])


@pytest.mark.parametrize(
    "moved",
    [
        (),
        legs(paisa=[("wallet", 1)]),
        legs(paisa=[("wallet", 1), ("gateway:khalti", -2)]),
        legs(paisa=[("wallet", 10)], points=[("points", -10)]),
        legs(paisa=[("wallet", -1), ("held", 1)]),
        legs(points=[("points", -1), (ledger.LIABILITY_POINTS, 1)]),
    ],
)
def test_an_unbalanced_or_overdrawing_entry_raises(moved: tuple[ledger.Leg, ...]) -> None:
    with pytest.raises(Unbalanced):
        post(Account("u"), Entry(PostingKind.HOLD, moved), "ref", DUE)


@given(
    st.lists(st.tuples(st.sampled_from(["topup", "hold", "settle", "release"]), st.integers(1, 10_000)), max_size=40)
)
def test_balances_equal_the_sum_of_all_posted_legs(steps: list[tuple[str, int]]) -> None:
    account, model = Account("u"), {"wallet": 0, "held": 0, "house": 0}
    ways = {
        "topup": ("house", "wallet"),
        "hold": ("wallet", "held"),
        "settle": ("held", "house"),
        "release": ("held", "wallet"),
    }
    names = {"house": "revenue:rental", "wallet": "wallet", "held": "held"}
    for kind, amount in steps:
        source, target = ways[kind]
        moved = legs(paisa=[(names[source], -amount), (names[target], amount)])
        if source != "house" and model[source] < amount:
            with pytest.raises(Unbalanced):
                post(account, Entry(PostingKind(kind), moved), "ref", DUE)
            continue
        account, _ = post(account, Entry(PostingKind(kind), moved), "ref", DUE)
        model[source] -= amount
        model[target] += amount
    assert (account.wallet_paisa, account.held_paisa) == (model["wallet"], model["held"])
    assert sum(model.values()) == 0
