"""A session at Stripe: opened once, paid, declined, under way, expired."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.payment_gateway import Outcome, Paid
from chalicelib.world import Refused
from infra.local.companies import Companies
from infra.local.stage import Stage
from tests.gateways.counters import intent, stripe


def test_the_same_intent_opened_twice_is_one_session(street: tuple[Companies, Stage]) -> None:
    gateway, one = stripe(*street), intent(33)
    assert gateway.open(one) == gateway.open(one)


def test_stripe_refuses_a_sum_that_is_too_small(street: tuple[Companies, Stage]) -> None:
    with pytest.raises(Refused, match="amount_too_small"):
        stripe(*street).open(intent(34, 100))


def test_a_card_that_was_declined_leaves_the_session_open_for_another(street: tuple[Companies, Stage]) -> None:
    made, stage = street
    gateway = stripe(made, stage)
    opened = intent(35).opened(gateway.open(intent(35)))
    made.stripe.pay(opened.order_ref, "fail", "never")
    assert gateway.look(opened).paid is Paid.UNPAID
    made.stripe.pay(opened.order_ref, "success", "never")
    assert gateway.look(opened).paid is Paid.PAID


@pytest.mark.parametrize(("later", "paid"), [("success", Paid.PAID), ("fail", Paid.FAILED)])
def test_a_payment_under_way_at_stripe_ends_one_way_or_the_other(
    later: str, paid: Paid, street: tuple[Companies, Stage]
) -> None:
    made, stage = street
    gateway = stripe(made, stage)
    one = intent(36 if later == "success" else 37)
    opened = one.opened(gateway.open(one))
    made.stripe.pay(opened.order_ref, "pending", "never")
    assert gateway.look(opened).paid is Paid.PENDING
    made.stripe.pay(opened.order_ref, later, "never")
    assert gateway.look(opened).paid is paid


def test_a_session_of_stripes_expires(street: tuple[Companies, Stage]) -> None:
    made, stage = street
    gateway, now = stripe(made, stage), stage.clock.now()
    one = replace(intent(38), created_at=now, expires_at=now + timedelta(minutes=30))
    opened = one.opened(gateway.open(one))
    stage.clock.advance(2 * 3600)
    assert gateway.look(opened) == Outcome(Paid.FAILED, reason="expired")
