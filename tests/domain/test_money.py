"""What is owed, how it is split, and how it is booked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import ledger
from chalicelib.domain.account import Account
from chalicelib.domain.ledger import Entry, PostingKind, Unbalanced, hash_of, legs, post, post_if_any
from chalicelib.domain.money import money_text, short_money_text
from chalicelib.domain.payment_plan import split, suggested_topup_paisa
from chalicelib.domain.point_rules import topup_points
from chalicelib.domain.pricing import Charge, Package, PaymentModel, Terms, charge, late_fee_paisa
from chalicelib.domain.settings import Settings

DUE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TERMS = Terms.of(Settings())
HOUR = Package("1-hour", "1 Hour", 60, 2_000)
PAY_AS_YOU_GO = Package("pay-as-you-go", "Pay as you go", 60, 2_000, PaymentModel.POSTPAID)
METHODS = [(1_000, 10_000_000), (1_000, 5_000_000), (20_000, 5_000_000)]
SUMS = st.integers(0, 10**9)
USED = st.timedeltas(timedelta(), timedelta(days=60))


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
    assert plan.points_used == min(points, total // 10)
    assert plan.wallet_paisa == min(wallet, total - plan.points_paisa)
    assert plan.shortfall_paisa == max(0, total - plan.points_paisa - wallet)
    assert plan.sufficient is (plan.shortfall_paisa == 0)


@given(total=SUMS, points=SUMS, wallet=SUMS, more=st.integers(1, 10**6))
def test_no_other_split_leaves_less_to_pay(total: int, points: int, wallet: int, more: int) -> None:
    """Points are whole: at most 9 paisa of what they could pay stay unpaid. More of either never leaves more."""
    plan = split(total, points=points, wallet_paisa=wallet)
    assert max(0, total - points * 10 - wallet) <= plan.shortfall_paisa
    assert plan.shortfall_paisa - max(0, total - points * 10 - wallet) < 10
    assert split(total, points=points + more, wallet_paisa=wallet).shortfall_paisa <= plan.shortfall_paisa
    assert split(total, points=points, wallet_paisa=wallet + more).shortfall_paisa <= plan.shortfall_paisa


@given(total=SUMS, points=SUMS, wallet=SUMS)
def test_topping_up_the_shortfall_is_enough(total: int, points: int, wallet: int) -> None:
    plan = split(total, points=points, wallet_paisa=wallet)
    again = split(total, points=points, wallet_paisa=wallet + plan.shortfall_paisa)
    assert (again.sufficient, again.points_used) == (True, plan.points_used)
    if plan.shortfall_paisa:
        assert not split(total, points=points, wallet_paisa=wallet + plan.shortfall_paisa - 1).sufficient


@pytest.mark.parametrize("sums", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_negative_sums_are_no_sums(sums: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        split(sums[0], points=sums[1], wallet_paisa=sums[2])


@pytest.mark.parametrize(
    ("short", "told"),
    [(0, 0), (1, 1_000), (1_001, 1_100), (50_050, 50_100), (10_000_000, 10_000_000), (10_000_001, 10_000_000)],
)
def test_a_suggested_topup_is_whole_rupees_and_payable(short: int, told: int) -> None:
    assert suggested_topup_paisa(short, METHODS) == told


def test_a_suggested_topup_between_two_methods_is_the_least_of_the_dearer() -> None:
    assert suggested_topup_paisa(3_000, [(1_000, 2_000), (20_050, 50_000)]) == 20_100
    assert suggested_topup_paisa(3_050, []) == 3_100


RUPEES = st.integers(0, 10**7).map(lambda rupees: rupees * 100)
LIMITS = st.tuples(RUPEES, RUPEES).map(lambda two: (min(two), max(two)))


@given(short=st.integers(1, 10**9), limits=st.lists(LIMITS, min_size=1))
def test_a_suggested_topup_is_the_least_that_one_payment_covers_it_with(
    short: int, limits: list[tuple[int, int]]
) -> None:
    told = suggested_topup_paisa(short, limits)
    assert told % 100 == 0
    assert any(least <= told <= most for least, most in limits)
    if told < short:
        assert told == max(most for _, most in limits)
    else:
        assert told - 100 < short or told in {least for least, _ in limits}


@pytest.mark.parametrize(
    ("used", "units"),
    [
        (timedelta(), 0),
        (timedelta(minutes=5), 0),
        (timedelta(minutes=5, microseconds=1), 1),
        (timedelta(minutes=60), 1),
        (timedelta(minutes=60, seconds=1), 2),
        (timedelta(minutes=61), 2),
        (timedelta(minutes=120), 2),
        (timedelta(days=3), 72),
    ],
)
def test_postpaid_costs_every_started_hour_and_a_quick_return_nothing(used: timedelta, units: int) -> None:
    match = charge(PAY_AS_YOU_GO, TERMS, started_at=DUE, due_at=None, ended_at=DUE + used)
    assert match == Charge(units * 2_000)


@given(used=USED, more=USED)
def test_postpaid_units_cover_the_time_used_and_not_one_more(used: timedelta, more: timedelta) -> None:
    def units(length: timedelta) -> int:
        return charge(PAY_AS_YOU_GO, TERMS, started_at=DUE, due_at=None, ended_at=DUE + length).total_paisa // 2_000

    if used > timedelta(minutes=TERMS.free_return_minutes):
        assert (units(used) - 1) * PAY_AS_YOU_GO.length < used <= units(used) * PAY_AS_YOU_GO.length
    else:
        assert units(used) == 0
    assert units(used) <= units(used + more)


@given(late=st.timedeltas(timedelta(hours=-1), timedelta(days=3)))
def test_prepaid_costs_its_price_and_what_lateness_adds(late: timedelta) -> None:
    match = charge(HOUR, TERMS, started_at=DUE - HOUR.length, due_at=DUE, ended_at=DUE + late)
    assert match == Charge(2_000, late_fee_paisa(HOUR, TERMS, DUE, DUE + late))
    assert match.total_paisa == HOUR.upfront_paisa + match.late_fee_paisa


@pytest.mark.parametrize(("paisa", "points"), [(9_999, 0), (10_000, 10), (19_999, 10), (100_000, 100)])
def test_points_are_for_every_full_hundred_rupees(paisa: int, points: int) -> None:
    assert topup_points(paisa, Settings()) == points


def topped(account: Account, paisa: int) -> Account:
    moved = legs(paisa=[("wallet", paisa), ("gateway:khalti", -paisa)])
    return post(account, Entry(PostingKind.TOPUP, moved), "ref", DUE)[0]


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


def test_time_does_not_go_back_along_a_ledger() -> None:
    moved = legs(paisa=[("wallet", 5), ("gateway:khalti", -5)])
    first, posting = post(Account("u"), Entry(PostingKind.TOPUP, moved), "a", DUE)
    second, two = post(first, Entry(PostingKind.TOPUP, moved), "b", DUE - timedelta(seconds=1))
    _, three = post(second, Entry(PostingKind.TOPUP, moved), "c", DUE + timedelta(seconds=1))
    assert (posting.at, two.at, three.at) == (DUE, DUE, DUE + timedelta(seconds=1))


def test_where_nothing_moves_nothing_is_booked() -> None:
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
def test_what_does_not_balance_or_goes_below_zero_is_not_posted(moved: tuple[ledger.Leg, ...]) -> None:
    with pytest.raises(Unbalanced):
        post(Account("u"), Entry(PostingKind.HOLD, moved), "ref", DUE)


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
                post(account, Entry(PostingKind(kind), moved), "ref", DUE)
            continue
        account, _ = post(account, Entry(PostingKind(kind), moved), "ref", DUE)
        model[source] -= amount
        model[target] += amount
    assert (account.wallet_paisa, account.held_paisa) == (model["wallet"], model["held"])
    assert sum(model.values()) == 0


@pytest.mark.parametrize(
    ("paisa", "text", "short"),
    [
        (0, "0.00", "0"),
        (5, "0.05", "0.05"),
        (12_000, "120.00", "120"),
        (12_050, "120.50", "120.50"),
        (-50, "-0.50", "-0.50"),
        (-12_000, "-120.00", "-120"),
    ],
)
def test_paisa_are_written_as_rupees(paisa: int, text: str, short: str) -> None:
    assert (money_text(paisa), short_money_text(paisa)) == (text, short)
