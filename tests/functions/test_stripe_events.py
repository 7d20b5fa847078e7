"""Stripe's signed events: each queues a check of its payment, and none is trusted."""

import itertools
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.payments.reversal import ReversalState
from chalicelib.services import outbox
from chalicelib.services.topups import payment_events, reversals
from tests.functions.callbacks import APP, SIGNED, STRIPE, TopUp
from tests.world.builders import account
from tests.world.http_client import request
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of


def test_a_stripe_event_and_a_return_queue_a_check_of_their_payment(top_up: TopUp) -> None:
    reply = request(app, "POST", STRIPE, top_up.event(), headers=SIGNED)
    assert (reply.status, reply.data) == (200, {"received": True})
    back = request(app, "GET", f"{STRIPE}?order_ref={top_up.stripe}-1&outcome=success")
    assert (back.status, back.headers["Location"]) == (303, f"{APP}?intent_id={top_up.stripe}")
    assert top_up.waiting() == [top_up.stripe] * 2
    assert account(top_up.user_id).wallet_paisa == 100_000


@pytest.mark.parametrize("headers", [{}, {"Stripe-Signature": ""}, {"Stripe-Signature": "forged"}])
def test_an_unsigned_event_is_forged_and_changes_nothing(headers: dict[str, str], top_up: TopUp) -> None:
    before = all_rows()
    reply = request(app, "POST", STRIPE, top_up.event(), headers=headers)
    assert (reply.status, reply.code) == (400, "webhook_forged")
    assert all_rows() == before
    assert top_up.waiting() == []


@pytest.mark.parametrize("about", [{"order_ref": None}, {"order_ref": "nobodys-1"}, {"order_ref": "x" * 5000}])
def test_a_signed_event_about_no_payment_of_ours_changes_nothing(about: dict[str, Any], top_up: TopUp) -> None:
    before = all_rows()
    reply = request(app, "POST", STRIPE, top_up.event(**about), headers=SIGNED)
    assert reply.status == 200
    assert all_rows() == before


@pytest.mark.parametrize("known", [True, False])
def test_a_reversal_is_found_by_its_payment(known: bool, top_up: TopUp) -> None:
    stripe = top_up.network.fake_world.stripe
    stripe.payment_statuses[top_up.stripe] = PaymentStatus(PaymentState.PAID, "pi_1", 50_000)
    request(app, "POST", STRIPE, top_up.event(), headers=SIGNED)
    top_up.deliver_messages()
    stripe.payment_statuses[top_up.stripe] = PaymentStatus(PaymentState.DISPUTED, "pi_1", 50_000)
    payment_ref = "pi_1" if known else "pi_of_another"
    about = {"order_ref": None, "payment_ref": payment_ref, "is_reversal": True}
    for number in range(4):
        assert request(app, "POST", STRIPE, top_up.event(f"evt_r{number}", **about), headers=SIGNED).status == 200
    top_up.deliver_messages()
    listed, _ = reversals.list_in_state(ReversalState.OPEN, NumberedPage(1, 20))
    assert [line.intent_id for line in listed] == ([top_up.stripe] if known else [])
    assert account(top_up.user_id).wallet_paisa == 150_000


@pytest.mark.long
def test_the_same_event_a_thousand_times_is_stored_and_queued_once(top_up: TopUp) -> None:
    request(app, "POST", STRIPE, top_up.event(), headers=SIGNED)
    before = all_rows()
    for _ in range(1000):
        reply = request(app, "POST", STRIPE, top_up.event(), headers=SIGNED, checked=False)
        assert reply.status == 200
    assert all_rows() == before
    assert top_up.waiting() == [top_up.stripe]


def test_events_in_any_order_credit_once(top_up: TopUp) -> None:
    network, token = top_up.network, token_of(top_up.network, top_up.user_id)
    names = ("payment_intent.succeeded", "checkout.session.completed", "charge.refunded")
    for number, order in enumerate(itertools.permutations(names), start=1):
        params = {"amount": "500", "payment_method": "stripe"}
        top_up.stripe = request(app, "POST", "/api/payment/wallet/topup-intent", params, token=token).data[
            "intent_id"
        ]
        network.fake_world.stripe.payment_status = PaymentStatus(PaymentState.PAID, f"pi_{number}", 50_000)
        for name in order:
            for _ in range(2):
                request(app, "POST", STRIPE, top_up.event(f"{name}{number}"), headers=SIGNED, checked=False)
        messages = network.fake_world.queues.take(outbox.PAYMENT_EVENTS)
        assert len(messages) == len(names)
        for body in [*messages, *reversed(messages)]:
            payment_events.handle_payment_event(network.world, body["user_id"], body["intent_id"], body["message_id"])
        assert account(top_up.user_id).wallet_paisa == 100_000 + number * 50_000
    assert network.books_balance()
