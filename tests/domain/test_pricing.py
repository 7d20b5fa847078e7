"""Pricing: late fees, postpaid units and prepaid prices."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.money.pricing import Charge, Package, PaymentModel, Terms, charge, late_fee_paisa

DUE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TERMS = Terms.of(Settings())
HOUR = Package("1-hour", "1 Hour", 60, 2_000)
PAY_AS_YOU_GO = Package("pay-as-you-go", "Pay as you go", 60, 2_000, PaymentModel.POSTPAID)
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
def test_a_late_fee_starts_after_the_grace_and_stops_at_each_days_cap(minutes: int, rupees: int) -> None:
    assert late_fee_paisa(HOUR, TERMS, DUE, DUE + timedelta(minutes=minutes)) == rupees * 100


def test_a_late_fee_is_rounded_down_to_the_rupee() -> None:
    four_hours = Package("4-hours", "4 Hours", 240, 6_000)
    assert late_fee_paisa(four_hours, TERMS, DUE, DUE + timedelta(minutes=7, seconds=59)) == 300


@given(late=st.timedeltas(timedelta(), timedelta(days=30)), more=st.timedeltas(timedelta(), timedelta(days=3)))
def test_a_later_return_never_costs_less(late: timedelta, more: timedelta) -> None:
    earlier, later = (late_fee_paisa(HOUR, TERMS, DUE, DUE + length) for length in (late, late + more))
    assert 0 <= earlier <= later
    assert later % 100 == 0


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
def test_postpaid_charges_each_started_hour_and_nothing_for_a_quick_return(used: timedelta, units: int) -> None:
    amount = charge(PAY_AS_YOU_GO, TERMS, started_at=DUE, due_at=None, ended_at=DUE + used)
    assert amount == Charge(units * 2_000)


@given(used=USED, more=USED)
def test_postpaid_units_cover_the_time_used_without_a_spare_unit(used: timedelta, more: timedelta) -> None:
    def units(length: timedelta) -> int:
        return charge(PAY_AS_YOU_GO, TERMS, started_at=DUE, due_at=None, ended_at=DUE + length).total_paisa // 2_000

    if used > timedelta(minutes=TERMS.free_return_minutes):
        assert (units(used) - 1) * PAY_AS_YOU_GO.length < used <= units(used) * PAY_AS_YOU_GO.length
    else:
        assert units(used) == 0
    assert units(used) <= units(used + more)


@given(late=st.timedeltas(timedelta(hours=-1), timedelta(days=3)))
def test_prepaid_charges_its_price_and_the_late_fee(late: timedelta) -> None:
    amount = charge(HOUR, TERMS, started_at=DUE - HOUR.length, due_at=DUE, ended_at=DUE + late)
    assert amount == Charge(2_000, late_fee_paisa(HOUR, TERMS, DUE, DUE + late))
    assert amount.total_paisa == HOUR.upfront_paisa + amount.late_fee_paisa
