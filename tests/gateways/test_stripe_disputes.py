"""Disputes at Stripe: what they take of a payment, and what a won one leaves."""

from typing import Any

import pytest

from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.gateways.stripe_answers import payment_status_of
from infra.local.companies.all_companies import Companies
from infra.local.fault import Fault
from infra.local.simulation import Simulation
from tests.gateways.gateways_under_test import intent, stripe

SUM = 50_000


def paid(companies_and_simulation: tuple[Companies, Simulation], number: int) -> tuple[Intent, Any]:
    """A paid intent and Stripe's gateway."""
    companies, simulation = companies_and_simulation
    gateway = stripe(companies, simulation)
    order = intent(number)
    opened = order.with_checkout(gateway.create_checkout(order))
    companies.stripe.pay(opened.order_ref, "success", "never")
    return opened, gateway


def sums(payment_status: PaymentStatus) -> tuple[PaymentState, int | None, int | None, int | None]:
    return (
        payment_status.state,
        payment_status.refunded_paisa,
        payment_status.contested_paisa,
        payment_status.remaining_paisa,
    )


def test_a_dispute_takes_its_sum_until_it_is_won(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    opened, gateway = paid(companies_and_simulation, 301)
    desk = companies_and_simulation[0].stripe
    desk.dispute(opened.order_ref, 20_000)
    assert sums(gateway.fetch_payment(opened)) == (PaymentState.DISPUTED, None, 20_000, 30_000)
    desk.dispute(opened.order_ref, None, "won")
    assert sums(gateway.fetch_payment(opened)) == (PaymentState.PAID, None, None, SUM)
    desk.refund_at_desk(opened.order_ref, 10_000)
    assert sums(gateway.fetch_payment(opened)) == (PaymentState.PARTLY_REFUNDED, 10_000, None, 40_000)
    desk.dispute(opened.order_ref)
    desk.dispute(opened.order_ref, None, "lost")
    assert sums(gateway.fetch_payment(opened))[:3] == (PaymentState.DISPUTED, 10_000, SUM)


def test_the_list_knows_the_end_of_a_dispute_too(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    opened, gateway = paid(companies_and_simulation, 302)
    desk, now = companies_and_simulation[0].stripe, companies_and_simulation[1].clock.now()
    for outcome, state in ((None, PaymentState.DISPUTED), ("won", PaymentState.PAID)):
        desk.dispute(opened.order_ref, None, outcome)
        listed = gateway.list_payments(now.replace(year=2020), now.replace(year=2050))
        assert [item.status.state for item in listed if item.order_ref == opened.order_ref] == [state]


def test_an_unanswered_question_about_disputes_leaves_the_payment_unknown(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    opened, gateway = paid(companies_and_simulation, 303)
    companies, simulation = companies_and_simulation
    companies.stripe.dispute(opened.order_ref)
    simulation.faults["stripe"] = Fault(1, status=500, path="/disputes")
    assert gateway.fetch_payment(opened).state is PaymentState.UNKNOWN
    assert gateway.fetch_payment(opened).state is PaymentState.DISPUTED


def session(**charge: Any) -> dict[str, Any]:
    payment = {"id": "pi_1", "latest_charge": {"disputed": True, "amount_refunded": 0, **charge}}
    return {
        "status": "complete",
        "payment_status": "paid",
        "amount_total": SUM,
        "currency": "npr",
        "payment_intent": payment,
    }


def dispute(status: Any, amount: Any = 20_000, currency: str = "npr") -> dict[str, Any]:
    return {"status": status, "amount": amount, "currency": currency}


@pytest.mark.parametrize(
    ("disputes", "state", "contested_paisa"),
    [
        ([dispute("needs_response")], PaymentState.DISPUTED, 20_000),
        ([dispute("under_review")], PaymentState.DISPUTED, 20_000),
        ([dispute("appeal_under_review")], PaymentState.DISPUTED, 20_000),
        ([dispute("lost")], PaymentState.DISPUTED, 20_000),
        ([dispute("prevented")], PaymentState.DISPUTED, 20_000),
        ([dispute("a new word")], PaymentState.DISPUTED, 20_000),
        ([dispute(None)], PaymentState.DISPUTED, 20_000),
        ([dispute("lost"), dispute("needs_response", 5_000)], PaymentState.DISPUTED, 25_000),
        ([dispute("lost"), dispute("won", 5_000)], PaymentState.DISPUTED, 20_000),
        ([dispute("lost", 15_000, "usd")], PaymentState.DISPUTED, None),
        ([dispute("lost", "20000")], PaymentState.DISPUTED, None),
        ([dispute("lost", -1)], PaymentState.DISPUTED, None),
        ([], PaymentState.DISPUTED, None),
        (None, PaymentState.DISPUTED, None),
        ([dispute("won")], PaymentState.PAID, None),
        ([dispute("won", 1, "usd")], PaymentState.PAID, None),
        ([dispute("warning_needs_response")], PaymentState.PAID, None),
        ([dispute("warning_under_review")], PaymentState.PAID, None),
        ([dispute("warning_closed")], PaymentState.PAID, None),
    ],
)
def test_each_status_of_a_dispute_says_who_has_the_money(
    disputes: Any, state: PaymentState, contested_paisa: int | None
) -> None:
    payment_status = payment_status_of(session(), "npr", disputes)
    assert (payment_status.state, payment_status.contested_paisa) == (state, contested_paisa)
