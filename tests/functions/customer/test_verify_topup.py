"""Verifying a top-up: the values that a gateway hands to the app are accepted, and only our look-up counts."""

from collections.abc import Callable
from typing import Any

import pytest

from app import app
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from tests.functions.callbacks import FORM, TopUp
from tests.world.builders import account
from tests.world.http_client import Reply, request
from tests.world.tokens import token_of

HANDED_OVER: dict[str, dict[str, Any]] = {
    "Khalti's redirect": {
        "pidx": "bZQLD9wRVWo4CdESSfuSsB",
        "txnId": "4H7AhoXDJWg5WjrcPT9ixW",
        "tidx": "4H7AhoXDJWg5WjrcPT9ixW",
        "transaction_id": "4H7AhoXDJWg5WjrcPT9ixW",
        "amount": "50000",
        "total_amount": "50000",
        "mobile": "98XXXXX904",
        "status": "Completed",
        "purchase_order_id": "other-1",
        "purchase_order_name": "Bijuli wallet",
    },
    "Khalti's cancelled redirect": {
        "pidx": "p",
        "txnId": "",
        "tidx": "",
        "transaction_id": "",
        "mobile": "",
        "status": "User canceled",
    },
    "Khalti's SDK": {"pidx": "p", "totalAmount": 50000, "fee": 0, "refunded": False, "transactionId": None},
    "eSewa's redirect": {"data": "eyJzdGF0dXMiOiJDT01QTEVURSJ9" * 500},
    "eSewa's SDK": {
        "productId": "1",
        "totalAmount": 500.0,
        "code": "00",
        "message": {"technicalSuccessMessage": "ok", "successMessage": "ok"},
        "transactionDetails": {"date": "Mon", "referenceId": "0007G36", "status": "COMPLETE"},
        "refId": "0007G36",
        "oid": "x",
    },
    "Stripe's redirect": {"session_id": "cs_test_" + "a" * 60, "order_ref": "x", "outcome": "success"},
    "fields of any type": {
        "status": 1,
        "pidx": ["a", "b"],
        "transaction_id": {"a": [None]},
        "data": None,
        "message": "one\u0000two",
        "amount": 10**30,
        "new_balance": "999999",
        "user_id": "another",
    },
}


Verify = Callable[..., Reply]


@pytest.fixture
def verify(top_up: TopUp) -> Verify:
    token = token_of(top_up.network, top_up.user_id)

    def send(intent_id: str, **more: Any) -> Reply:
        return request(app, "POST", "/api/payment/verify-topup", {"intent_id": intent_id, **more}, token=token)

    return send


@pytest.mark.parametrize("sender", HANDED_OVER)
def test_values_of_a_gateway_in_the_body_decide_nothing(sender: str, top_up: TopUp, verify: Verify) -> None:
    khalti = top_up.network.fake_world.khalti
    khalti.payment_status = PaymentStatus(PaymentState.UNPAID)
    reply = verify(top_up.khalti, **HANDED_OVER[sender])
    assert (reply.status, reply.data["status"], reply.data["amount"]) == (200, "pending", "500.00")
    assert khalti.fetched == [top_up.khalti]
    assert account(top_up.user_id).wallet_paisa == 100_000


def test_a_redirect_that_says_cancelled_does_not_hide_a_payment(top_up: TopUp, verify: Verify) -> None:
    top_up.network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "their-ref", 50_000)
    reply = verify(top_up.khalti, **HANDED_OVER["Khalti's cancelled redirect"])
    assert (reply.data["status"], reply.data["new_balance"]) == ("success", "1500.00")


def test_values_of_a_gateway_are_accepted_in_a_form(top_up: TopUp) -> None:
    token = token_of(top_up.network, top_up.user_id)
    body = f"intent_id={top_up.khalti}&status=Completed&status=Pending&message=a%00b".encode()
    reply = request(app, "POST", "/api/payment/verify-topup", raw=body, headers=FORM, token=token)
    assert (reply.status, reply.data["status"]) == (200, "pending")


@pytest.mark.parametrize("intent_id", [None, "", 5, ["a"], "x" * 300, "a\u0000b"])
def test_the_intent_id_is_still_checked(intent_id: Any, top_up: TopUp, verify: Verify) -> None:
    reply = verify(intent_id, pidx="p")
    assert (reply.status, reply.code) == (422, "invalid_input")


def test_repeated_verifying_looks_up_once_in_five_seconds(top_up: TopUp, verify: Verify) -> None:
    khalti = top_up.network.fake_world.khalti
    khalti.payment_status = PaymentStatus(PaymentState.UNPAID)
    for _ in range(20):
        assert verify(top_up.khalti, status="Completed").data["status"] == "pending"
    assert khalti.fetched == [top_up.khalti]
    top_up.network.fake_world.clock.advance(seconds=5)
    khalti.payment_status = PaymentStatus(PaymentState.PAID, "their-ref", 50_000)
    replies = [verify(top_up.khalti) for _ in range(3)]
    assert {(reply.data["status"], reply.data["new_balance"]) for reply in replies} == {("success", "1500.00")}
    assert khalti.fetched == [top_up.khalti] * 2


def test_each_intent_has_its_own_wait(top_up: TopUp, verify: Verify) -> None:
    world = top_up.network.fake_world
    for _ in range(3):
        verify(top_up.khalti)
        verify(top_up.esewa)
    assert (world.khalti.fetched, world.esewa.fetched) == ([top_up.khalti], [top_up.esewa])


def test_a_callback_is_looked_up_right_after_a_verify(top_up: TopUp, verify: Verify) -> None:
    khalti = top_up.network.fake_world.khalti
    khalti.payment_status = PaymentStatus(PaymentState.UNPAID)
    verify(top_up.khalti)
    khalti.payment_status = PaymentStatus(PaymentState.PAID, "their-ref", 50_000)
    request(app, "GET", f"/api/payment/webhook/khalti?pidx={top_up.pidx}&status=Completed")
    top_up.deliver_messages()
    assert account(top_up.user_id).wallet_paisa == 150_000


def test_concurrent_verifying_looks_up_once(top_up: TopUp, verify: Verify) -> None:
    """A second request arrives while the first one waits for the gateway's answer."""
    khalti = top_up.network.fake_world.khalti
    khalti.payment_status = PaymentStatus(PaymentState.UNPAID)
    inner: list[Reply] = []
    fetch = khalti.fetch_payment

    def slow(intent: Any) -> PaymentStatus:
        if not inner:
            inner.append(verify(top_up.khalti))
        return fetch(intent)

    khalti.fetch_payment = slow  # type: ignore[method-assign]
    assert verify(top_up.khalti).data["status"] == "pending"
    assert inner[0].data["status"] == "pending"
    assert khalti.fetched == [top_up.khalti]
