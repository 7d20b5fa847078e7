"""Callbacks of the gateways: each queues a check of its payment, and none is trusted."""

import json
from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib import wiring
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.services import outbox
from chalicelib.services.topups import payment_events
from tests.functions.callbacks import ESEWA, FORM, KHALTI, SIGNED, STRIPE, TopUp, called
from tests.world.builders import account
from tests.world.http_client import request
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of


@pytest.mark.parametrize("how", ["JSON", "form", "browser"])
def test_a_khalti_callback_queues_a_check_of_its_payment(how: str, top_up: TopUp) -> None:
    if how == "JSON":
        reply = called(KHALTI, {"pidx": top_up.pidx, "status": "Completed", "amount": 50_000, "extra": {"a": [1]}})
    elif how == "form":
        reply = request(app, "POST", KHALTI, raw=f"pidx={top_up.pidx}&status=Completed".encode(), headers=FORM)
    else:
        reply = request(app, "GET", f"{KHALTI}?pidx={top_up.pidx}&status=Completed&purchase_order_id=x")
    assert reply.status == (303 if how == "browser" else 200)
    assert how == "browser" or reply.data == {"received": True}
    assert top_up.waiting() == [top_up.khalti]
    assert account(top_up.user_id).wallet_paisa == 100_000


@pytest.mark.parametrize("how", ["JSON", "form", "browser"])
def test_an_esewa_callback_queues_a_check_of_its_payment(how: str, top_up: TopUp) -> None:
    if how == "JSON":
        reply = called(ESEWA, {"data": top_up.signed})
    elif how == "form":
        reply = request(app, "POST", ESEWA, raw=f"data={top_up.signed}".encode(), headers=FORM)
    else:
        reply = request(app, "GET", f"{ESEWA}?data={top_up.signed}")
    assert reply.status == (303 if how == "browser" else 200)
    assert top_up.waiting() == [top_up.esewa]


def test_status_and_amount_of_a_callback_are_not_trusted(top_up: TopUp) -> None:
    called(KHALTI, {"pidx": top_up.pidx, "status": "Completed", "total_amount": 99_999_900, "transaction_id": "t"})
    for intent_id in top_up.waiting():
        payment_events.handle_payment_event(top_up.network.world, top_up.user_id, intent_id)
    assert account(top_up.user_id).wallet_paisa == 100_000
    top_up.network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "real", 50_000)
    for _ in range(3):
        called(KHALTI, {"pidx": top_up.pidx, "status": "User canceled"})
    top_up.deliver_messages()
    assert account(top_up.user_id).wallet_paisa == 150_000
    assert top_up.network.books_balance()


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (KHALTI, {}, "not_found"),
        (KHALTI, {"pidx": ""}, "not_found"),
        (KHALTI, {"pidx": "unknown"}, "not_found"),
        (KHALTI, {"pidx": "x" * 5000}, "not_found"),
        (KHALTI, {"pidx": ["a", "b"]}, "not_found"),
        (KHALTI, {"data": "signed:something"}, "not_found"),
        (ESEWA, {}, "webhook_forged"),
        (ESEWA, {"data": ""}, "webhook_forged"),
        (ESEWA, {"data": "forged"}, "webhook_forged"),
        (ESEWA, {"data": "signed:"}, "not_found"),
        (ESEWA, {"data": "signed:unknown-1"}, "not_found"),
        (ESEWA, {"data": "signed:" + "x" * 5000 + "-1"}, "not_found"),
    ],
)
def test_a_callback_about_no_payment_changes_nothing(
    path: str, body: dict[str, Any], code: str, top_up: TopUp
) -> None:
    before = all_rows()
    reply = called(path, body)
    assert reply.status == (404 if code == "not_found" else 400)
    assert reply.code == code
    assert top_up.waiting() == []
    assert all_rows() == before


def test_a_payment_of_one_gateway_is_not_found_at_another(top_up: TopUp) -> None:
    assert called(ESEWA, {"data": f"signed:{top_up.khalti}-1"}).code == "not_found"
    assert called(KHALTI, {"pidx": f"ref-{top_up.esewa}-1"}).code == "not_found"
    assert top_up.waiting() == []


def test_a_callback_is_not_lost_while_the_queue_is_down(top_up: TopUp) -> None:
    top_up.network.fake_world.queues.unavailable = True
    for reply in (called(KHALTI, {"pidx": top_up.pidx}), called(ESEWA, {"data": top_up.signed})):
        assert reply.status == 200
    assert top_up.waiting() == []
    top_up.network.fake_world.queues.unavailable = False
    top_up.network.fake_world.clock.advance(minutes=2)
    assert outbox.sweep(top_up.network.world) == 2
    assert sorted(top_up.waiting()) == sorted([top_up.khalti, top_up.esewa])


@pytest.mark.parametrize("path", [KHALTI, ESEWA, STRIPE])
@pytest.mark.parametrize(
    ("raw", "kind"), [(b"{", "application/json"), (b"<a/>", "text/xml"), (b" " * 300_000, "application/json")]
)
def test_an_unreadable_callback_is_refused(path: str, raw: bytes, kind: str, top_up: TopUp) -> None:
    reply = request(app, "POST", path, raw=raw, headers={"Content-Type": kind})
    assert reply.status in (400, 413, 415)
    assert top_up.waiting() == []


def test_no_personal_data_of_a_callback_is_stored(top_up: TopUp) -> None:
    request(app, "POST", STRIPE, top_up.event(customer={"phone": "9841999001"}), headers=SIGNED)
    called(KHALTI, {"pidx": top_up.pidx, "mobile": "9841999001", "status": "Completed"})
    stored = json.dumps({table: rows for table, rows in all_rows().items() if "webhooks" in table})
    assert stored.count("digest") == 2
    assert "9841999001" not in stored


def test_a_replayed_reference_credits_only_its_own_top_up(top_up: TopUp) -> None:
    """A replayed pidx, data or session names its own top-up, whatever the other fields say."""
    network = top_up.network
    for gateway, intent_id in (("khalti", top_up.khalti), ("esewa", top_up.esewa), ("stripe", top_up.stripe)):
        fake = getattr(network.fake_world, gateway)
        fake.payment_status = PaymentStatus(PaymentState.UNPAID)
        fake.payment_statuses[intent_id] = PaymentStatus(PaymentState.PAID, f"paid-{gateway}", 50_000)
    token = token_of(network, top_up.user_id)
    order = {"amount": "500", "payment_method": "khalti"}
    other = request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token).data["intent_id"]
    called(KHALTI, {"pidx": top_up.pidx, "purchase_order_id": f"{other}-1", "intent_id": other})
    called(ESEWA, {"data": top_up.signed, "intent_id": other})
    request(app, "GET", f"{STRIPE}?order_ref={top_up.stripe}-1&session_id=cs_1&intent_id={other}")
    replay = {"intent_id": other, "pidx": top_up.pidx, "data": top_up.signed, "transaction_id": "paid-khalti"}
    assert request(app, "POST", "/api/payment/verify-topup", replay, token=token).data["status"] == "pending"
    top_up.deliver_messages()
    assert account(top_up.user_id).wallet_paisa == 100_000 + 3 * 50_000
    assert request(app, "GET", f"/api/payment/status/{other}", token=token).data["status"] == "pending"
    assert network.books_balance()


def test_a_gateway_that_is_not_configured_is_not_found(top_up: TopUp) -> None:
    world = top_up.network.world
    gateways = {name: gateway for name, gateway in world.gateways.items() if name != "stripe"}
    wiring.use_world(replace(world, gateways=gateways))
    assert request(app, "POST", STRIPE, top_up.event(), headers=SIGNED).code == "not_found"
    assert request(app, "GET", f"{STRIPE}?order_ref={top_up.stripe}-1").code == "not_found"
    listed = request(app, "GET", "/api/payment/methods").data["results"]
    assert [item["id"] for item in listed] == ["khalti", "esewa"]


def test_a_doubled_parameter_is_refused(top_up: TopUp) -> None:
    assert request(app, "GET", f"{KHALTI}?pidx={top_up.pidx}&pidx=other").code == "invalid_input"
    assert top_up.waiting() == []
