"""What is owed, how it is split, and how it is booked."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import ledger
from chalicelib.domain.ledger import PostingKind, Unbalanced, hash_of, legs, post
from chalicelib.domain.pricing import LateTerms, Package, late_fee_paisa, split, suggested_topup_paisa, topup_points
from chalicelib.domain.settings import Settings
from chalicelib.domain.user import Account

DUE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TERMS = LateTerms.of(Settings())
HOUR = Package("1-hour", "1 Hour", 60, 2_000)
SUMS = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("minutes", "rupees"),
    [
        (-60, 0),
        (0, 0),
        (1, 0),
        (2, 0),
        (3, 2),
        (30, 20),
        (149, 99),
        (150, 100),
        (600, 100),
        (1440, 100),
        (1441, 200),
        (2881, 300),
    ],
)
def test_a_late_fee_starts_past_the_grace_and_stops_at_each_days_cap(minutes: int, rupees: int) -> None:
    assert late_fee_paisa(HOUR, TERMS, DUE, DUE + timedelta(minutes=minutes)) == rupees * 100


def test_a_late_fee_is_rounded_down_to_the_rupee() -> None:
    four_hours = Package("4-hours", "4 Hours", 240, 6_000)
    assert late_fee_paisa(four_hours, TERMS, DUE, DUE + timedelta(minutes=7, seconds=59)) == 300


@given(late=st.timedeltas(timedelta(), timedelta(days=30)), more=st.timedeltas(timedelta(), timedelta(days=3)))
def test_a_later_return_never_costs_less(late: timedelta, more: timedelta) -> None:
    earlier, later = (late_fee_paisa(HOUR, TERMS, DUE, DUE + length) for length in (late, late + more))
    assert 0 <= earlier <= later
    assert later % 100 == 0


@given(total=SUMS, points=SUMS, wallet=SUMS)
def test_a_split_adds_up_and_takes_points_first(total: int, points: int, wallet: int) -> None:
    plan = split(total, points=points, wallet_paisa=wallet)
    assert plan.points_paisa + plan.wallet_paisa + plan.shortfall_paisa == total
    assert 0 <= plan.points_used <= points
    assert 0 <= plan.wallet_paisa <= wallet
    if plan.wallet_paisa or plan.shortfall_paisa:
        assert plan.points_used == min(points, total // 10)
    if plan.shortfall_paisa:
        assert plan.wallet_paisa == wallet


@pytest.mark.parametrize("sums", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_negative_sums_are_no_sums(sums: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        split(sums[0], points=sums[1], wallet_paisa=sums[2])


@pytest.mark.parametrize(("short", "told"), [(0, 0), (1, 1_000), (1_001, 1_100), (50_050, 50_100)])
def test_a_suggested_topup_is_whole_rupees_and_payable(short: int, told: int) -> None:
    assert suggested_topup_paisa(short, 1_000) == told


@pytest.mark.parametrize(("paisa", "points"), [(9_999, 0), (10_000, 10), (19_999, 10), (100_000, 100)])
def test_points_are_for_every_full_hundred_rupees(paisa: int, points: int) -> None:
    assert topup_points(paisa, Settings()) == points


def topped(account: Account, paisa: int) -> Account:
    moved = legs(paisa=[("wallet", paisa), ("gateway:khalti", -paisa)])
    return post(account, PostingKind.TOPUP, "ref", DUE, moved)[0]


def test_a_posting_is_numbered_and_chained() -> None:
    first, one = post(Account("u"), PostingKind.TOPUP, "a", DUE, legs(paisa=[("wallet", 5), ("gateway:khalti", -5)]))
    second, two = post(first, PostingKind.HOLD, "b", DUE, legs(paisa=[("wallet", -2), ("held", 2)]))
    assert (one.seq, two.seq, second.seq) == (1, 2, 2)
    assert two.previous_hash == one.hash
    assert second.last_hash == two.hash
    assert two.hash == hash_of("u", 2, PostingKind.HOLD, "b", DUE, two.legs, one.hash)
    assert two.hash != hash_of("u", 2, PostingKind.HOLD, "c", DUE, two.legs, one.hash)
    assert (second.wallet_paisa, second.held_paisa) == (3, 2)


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
def test_what_does_not_balance_or_goes_below_zero_is_not_posted(moved: tuple[ledger.Leg, ...]) -> None:
    with pytest.raises(Unbalanced):
        post(Account("u"), PostingKind.HOLD, "ref", DUE, moved)


@given(
    st.lists(st.tuples(st.sampled_from(["topup", "hold", "settle", "release"]), st.integers(1, 10_000)), max_size=40)
)
def test_whatever_is_posted_the_balances_are_the_sum_of_the_legs(steps: list[tuple[str, int]]) -> None:
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
                post(account, PostingKind(kind), "ref", DUE, moved)
            continue
        account, _ = post(account, PostingKind(kind), "ref", DUE, moved)
        model[source] -= amount
        model[target] += amount
    assert (account.wallet_paisa, account.held_paisa) == (model["wallet"], model["held"])
    assert sum(model.values()) == 0
