"""The rental's states: every move against a table written by hand, and what is derived from them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from chalicelib.domain.cabinets.device_time import clamp
from chalicelib.domain.money.payment_plan import Plan
from chalicelib.domain.money.pricing import Package, PaymentModel
from chalicelib.domain.problems.illegal_move import IllegalMove
from chalicelib.domain.rentals import rental_eject
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_clock import minutes_used
from chalicelib.domain.rentals.rental_state import RentalState
from tests.domain.rental_samples import NOW, PLACE, RENTAL

PAID = Plan(2_000, 50, 1_500, 0)
SHORT = Plan(2_000, 0, 0, 2_000)
POSTPAID = replace(
    RENTAL,
    package=Package("pay-as-you-go", "Pay as you go", 60, 2_000, PaymentModel.POSTPAID),
    held_points=0,
    held_paisa=0,
)
VERBS: dict[str, Callable[[Rental], Rental]] = {
    "ejected": lambda rental: rental_eject.ejected(rental, NOW),
    "stayed": lambda rental: rental_eject.eject_failed(rental, "refused"),
    "reopened": lambda rental: rental_eject.reopened(rental, NOW, PAID),
    "returned": lambda rental: rental.returned(NOW, PLACE, 0, Plan(0, 0, 0, 0)),
    "return_undone": lambda rental: rental.return_undone(),
}
LEGAL = {
    ("starting", "ejected"): "active",
    ("starting", "stayed"): "failed",
    ("starting", "reopened"): "active",
    ("active", "stayed"): "failed",
    ("failed", "ejected"): "active",
    ("failed", "reopened"): "active",
    ("active", "returned"): "completed",
    ("completed", "return_undone"): "active",
    ("cancelled", "ejected"): "active",
    ("cancelled", "reopened"): "active",
    ("lost", "returned"): "completed",
    ("lost", "stayed"): "failed",
}


@pytest.mark.parametrize(("state", "verb"), list(product(RentalState, VERBS)))
def test_a_rental_makes_only_the_moves_of_the_table(state: RentalState, verb: str) -> None:
    rental = replace(RENTAL, state=state)
    expected = LEGAL.get((state.value, verb))
    if expected is None:
        with pytest.raises(IllegalMove):
            VERBS[verb](rental)
    else:
        assert VERBS[verb](rental).state == expected


def test_a_due_rental_is_completed_by_paying() -> None:
    due = replace(RENTAL, state=RentalState.DUE, due_paisa=2_000)
    rental = due.paid_up(PAID, 7)
    assert (rental.state, rental.due_paisa, rental.payment_status()) == (RentalState.COMPLETED, 0, "paid")


def test_a_reopened_rental_without_money_owes_its_price_and_stays_active() -> None:
    reopened = rental_eject.reopened(replace(RENTAL, state=RentalState.FAILED), NOW, SHORT)
    assert (reopened.state, reopened.due_paisa, reopened.payment_status()) == (RentalState.ACTIVE, 2_000, "due")
    back = reopened.returned(NOW, PLACE, 500, Plan(500, 0, 0, 500))
    assert (back.state, back.due_paisa) == (RentalState.DUE, 2_500)
    assert reopened.paid_up(PAID, 7).state is RentalState.ACTIVE


def test_a_reopened_rental_keeps_its_earlier_payments() -> None:
    before = replace(RENTAL, state=RentalState.FAILED, points_paid=7, wallet_paid_paisa=700)
    rental, unpaid = rental_eject.reopened(before, NOW, PAID), rental_eject.reopened(before, NOW, SHORT)
    assert (rental.points_paid, rental.wallet_paid_paisa) == (7 + PAID.points_used, 700 + PAID.wallet_paisa)
    assert (unpaid.points_paid, unpaid.wallet_paid_paisa) == (7, 700)


@pytest.mark.parametrize(
    ("state", "status"), [("starting", "pending"), ("active", "paid"), ("failed", "refunded"), ("completed", "paid")]
)
def test_payment_status_of_a_prepaid_rental_follows_its_state(state: str, status: str) -> None:
    assert replace(RENTAL, state=RentalState(state)).payment_status() == status


@pytest.mark.parametrize(
    ("state", "status"),
    [("starting", "pending"), ("active", "pending"), ("failed", "refunded"), ("completed", "paid")],
)
def test_a_postpaid_rental_is_unpaid_while_it_is_out(state: str, status: str) -> None:
    assert replace(POSTPAID, state=RentalState(state)).payment_status() == status


def test_a_postpaid_rental_has_no_due_time_and_is_never_late() -> None:
    out = rental_eject.ejected(POSTPAID, NOW)
    years = NOW + timedelta(days=700)
    assert (out.due_at, out.overdue(years), out.charge_at(years).late_fee_paisa) == (None, False, 0)
    assert rental_eject.reopened(replace(POSTPAID, state=RentalState.FAILED), NOW, Plan(0, 0, 0, 0)) == out
    assert POSTPAID.charge_at(years).total_paisa == 0
    back = out.returned(NOW + timedelta(minutes=61), PLACE, 0, Plan(4_000, 0, 0, 4_000))
    assert (back.state, back.due_paisa, back.overdue(years)) == (RentalState.DUE, 4_000, False)


def test_a_rental_is_overdue_after_its_due_time() -> None:
    active = rental_eject.ejected(RENTAL, NOW)
    assert not active.overdue(NOW + timedelta(minutes=60))
    assert active.overdue(NOW + timedelta(minutes=61))
    assert minutes_used(active, NOW + timedelta(minutes=5, seconds=59)) == 5


def test_a_device_time_is_limited_to_the_span_between_eject_and_now() -> None:
    early, late = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    assert clamp(early, not_before=NOW, not_after=late) == NOW
    assert clamp(late, not_before=early, not_after=NOW) == NOW
