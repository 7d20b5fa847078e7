"""Payment plans: how a sum is split into points and wallet, and what to top up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.money.payment_plan import split, suggested_topup_paisa
from chalicelib.domain.rewards.point_rules import PAISA_PER_POINT

METHODS = [(1_000, 10_000_000), (1_000, 5_000_000), (20_000, 5_000_000)]
SUMS = st.integers(0, 10**9)


@given(total=SUMS, points=SUMS, wallet=SUMS)
def test_a_split_adds_up_and_takes_points_first(total: int, points: int, wallet: int) -> None:
    plan = split(total, points=points, wallet_paisa=wallet)
    points_paisa = plan.points_used * PAISA_PER_POINT
    assert points_paisa + plan.wallet_paisa + plan.shortfall_paisa == total
    assert 0 <= plan.points_used <= points
    assert 0 <= plan.wallet_paisa <= wallet
    assert plan.points_used == min(points, total // 10)
    assert plan.wallet_paisa == min(wallet, total - points_paisa)
    assert plan.shortfall_paisa == max(0, total - points_paisa - wallet)
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
def test_a_split_of_a_negative_sum_raises(sums: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        split(sums[0], points=sums[1], wallet_paisa=sums[2])


@pytest.mark.parametrize(
    ("short", "suggested_paisa"),
    [(0, 0), (1, 1_000), (1_001, 1_100), (50_050, 50_100), (10_000_000, 10_000_000), (10_000_001, 10_000_000)],
)
def test_a_suggested_topup_is_whole_rupees_and_payable(short: int, suggested_paisa: int) -> None:
    assert suggested_topup_paisa(short, METHODS) == suggested_paisa


def test_a_suggested_topup_between_two_limits_is_the_higher_minimum() -> None:
    assert suggested_topup_paisa(3_000, [(1_000, 2_000), (20_050, 50_000)]) == 20_100
    assert suggested_topup_paisa(3_050, []) == 3_100


RUPEES = st.integers(0, 10**7).map(lambda rupees: rupees * 100)
LIMITS = st.tuples(RUPEES, RUPEES).map(lambda two: (min(two), max(two)))


@given(short=st.integers(1, 10**9), limits=st.lists(LIMITS, min_size=1))
def test_a_suggested_topup_is_the_least_payment_that_covers_the_shortfall(
    short: int, limits: list[tuple[int, int]]
) -> None:
    suggested_paisa = suggested_topup_paisa(short, limits)
    assert suggested_paisa % 100 == 0
    assert any(least <= suggested_paisa <= most for least, most in limits)
    if suggested_paisa < short:
        assert suggested_paisa == max(most for _, most in limits)
    else:
        assert suggested_paisa - 100 < short or suggested_paisa in {least for least, _ in limits}
