"""A session at Stripe: created once, paid, declined, pending, expired."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.world import Rejected
from infra.local.companies.all_companies import Companies
from infra.local.simulation import Simulation
from tests.gateways.gateways_under_test import intent, stripe


def test_a_second_checkout_of_an_intent_gives_the_same_session(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    gateway, item = stripe(*companies_and_simulation), intent(33)
    assert gateway.create_checkout(item) == gateway.create_checkout(item)


def test_stripe_rejects_an_amount_below_the_minimum(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    with pytest.raises(Rejected, match="amount_too_small"):
        stripe(*companies_and_simulation).create_checkout(intent(34, 100))


def test_a_declined_card_leaves_the_session_open(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    companies, simulation = companies_and_simulation
    gateway = stripe(companies, simulation)
    opened = intent(35).with_checkout(gateway.create_checkout(intent(35)))
    companies.stripe.pay(opened.order_ref, "fail", "never")
    assert gateway.fetch_payment(opened).state is PaymentState.UNPAID
    companies.stripe.pay(opened.order_ref, "success", "never")
    assert gateway.fetch_payment(opened).state is PaymentState.PAID


@pytest.mark.parametrize(("later", "state"), [("success", PaymentState.PAID), ("fail", PaymentState.FAILED)])
def test_a_pending_payment_at_stripe_ends_paid_or_failed(
    later: str, state: PaymentState, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    companies, simulation = companies_and_simulation
    gateway = stripe(companies, simulation)
    item = intent(36 if later == "success" else 37)
    opened = item.with_checkout(gateway.create_checkout(item))
    companies.stripe.pay(opened.order_ref, "pending", "never")
    assert gateway.fetch_payment(opened).state is PaymentState.PENDING
    companies.stripe.pay(opened.order_ref, later, "never")
    assert gateway.fetch_payment(opened).state is state


def test_a_session_at_stripe_expires(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    companies, simulation = companies_and_simulation
    gateway, now = stripe(companies, simulation), simulation.clock.now()
    item = replace(intent(38), created_at=now, expires_at=now + timedelta(minutes=30))
    opened = item.with_checkout(gateway.create_checkout(item))
    simulation.clock.advance(2 * 3600)
    assert gateway.fetch_payment(opened) == PaymentStatus(PaymentState.FAILED, reason="expired")
