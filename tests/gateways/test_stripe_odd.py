"""Undocumented responses of Stripe never count as paid, and each documented one has its state."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.payments.payment_gateway import PaymentState
from chalicelib.world import Rejected, Unavailable
from tests.gateways.odd_server import OddServer
from tests.gateways.unreliable import INTENT, with_long_timeouts

SESSION = {
    "id": "pidx",
    "client_reference_id": "01M8",
    "status": "complete",
    "payment_status": "paid",
    "amount_total": 50_000,
    "currency": "npr",
    "payment_intent": {"id": "pi_1", "status": "succeeded", "latest_charge": {"id": "ch_1", "amount_refunded": 0}},
}
SINCE = datetime(2026, 11, 23, tzinfo=UTC)
NO_DISPUTES = {"data": [], "has_more": False}
"""The odd server gives one answer to every call: it is an empty list of disputes too."""


@pytest.mark.parametrize(
    ("content", "state"),
    [
        ({}, PaymentState.PAID),
        ({"payment_intent": "pi_1"}, PaymentState.UNKNOWN),
        ({"payment_intent": ["pi_1"]}, PaymentState.UNKNOWN),
        ({"payment_intent": {"id": "pi_1", "latest_charge": "ch_1"}}, PaymentState.UNKNOWN),
        ({"payment_intent": {"id": "pi_1", "latest_charge": None}}, PaymentState.UNKNOWN),
        ({"payment_intent": {"id": "pi_1"}}, PaymentState.UNKNOWN),
        ({"status": "open", "payment_status": "unpaid", "payment_intent": None}, PaymentState.UNPAID),
        ({"status": "expired", "payment_status": "unpaid"}, PaymentState.FAILED),
        (
            {"payment_status": "unpaid", "payment_intent": {"id": "pi_1", "status": "processing"}},
            PaymentState.PENDING,
        ),
        ({"payment_status": "unpaid", "payment_intent": {"status": "requires_payment_method"}}, PaymentState.FAILED),
        ({"payment_status": "unpaid", "payment_intent": {"status": "canceled"}}, PaymentState.FAILED),
        ({"payment_status": "unpaid", "payment_intent": None}, PaymentState.PENDING),
        ({"payment_status": "no_payment_required"}, PaymentState.UNKNOWN),
        ({"payment_status": ["paid"]}, PaymentState.UNKNOWN),
        ({"status": "open"}, PaymentState.UNKNOWN),
        ({"status": None}, PaymentState.UNKNOWN),
        ({"status": "Complete"}, PaymentState.UNKNOWN),
        ({"id": "another"}, PaymentState.UNKNOWN),
        ({"client_reference_id": "another"}, PaymentState.UNKNOWN),
        ({"client_reference_id": None}, PaymentState.UNKNOWN),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"amount_refunded": 50_000}}}, PaymentState.REFUNDED),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"amount_refunded": 100}}}, PaymentState.PARTLY_REFUNDED),
        (
            {"payment_intent": {"id": "pi_1", "latest_charge": {"amount_refunded": 100, "refunded": True}}},
            PaymentState.PARTLY_REFUNDED,
        ),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"amount_refunded": "?"}}}, PaymentState.PARTLY_REFUNDED),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"refunded": True}}}, PaymentState.REFUNDED),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"disputed": True}}}, PaymentState.DISPUTED),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"disputed": "true"}}}, PaymentState.DISPUTED),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"disputed": "false"}}}, PaymentState.PAID),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"disputed": "?"}}}, PaymentState.UNKNOWN),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"disputed": None}}}, PaymentState.UNKNOWN),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"refunded": "true"}}}, PaymentState.REFUNDED),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"refunded": "false"}}}, PaymentState.PAID),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"refunded": [True]}}}, PaymentState.UNKNOWN),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"refunded": None}}}, PaymentState.UNKNOWN),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"amount_refunded": "0"}}}, PaymentState.PARTLY_REFUNDED),
        (
            {"payment_intent": {"id": "pi_1", "latest_charge": {"amount_refunded": False}}},
            PaymentState.PARTLY_REFUNDED,
        ),
        (
            {"payment_intent": {"id": "pi_1", "latest_charge": {"amount_refunded": None}}},
            PaymentState.PARTLY_REFUNDED,
        ),
        ({"payment_intent": {"id": "pi_1", "latest_charge": {"amount_refunded": -1}}}, PaymentState.PARTLY_REFUNDED),
    ],
)
def test_each_status_of_stripe_has_its_payment_state(
    content: dict[str, object], state: PaymentState, odd_server: OddServer
) -> None:
    odd_server.answers_with(json.dumps(SESSION | NO_DISPUTES | content))
    assert with_long_timeouts("stripe", odd_server.url).fetch_payment(INTENT).state is state


@pytest.mark.parametrize("charge", [{"amount_refunded": 12_000}, {"amount_refunded": 12_000, "disputed": True}])
def test_stripes_partly_refunded_payment_has_its_sums(charge: dict[str, object], odd_server: OddServer) -> None:
    content = {"payment_intent": {"id": "pi_1", "latest_charge": charge}}
    odd_server.answers_with(json.dumps(SESSION | NO_DISPUTES | content))
    payment_status = with_long_timeouts("stripe", odd_server.url).fetch_payment(INTENT)
    assert (payment_status.reference, payment_status.amount_paisa) == ("pi_1", 50_000)
    assert (payment_status.refunded_paisa, payment_status.remaining_paisa) == (12_000, 38_000)


@pytest.mark.parametrize(
    ("content", "matches"),
    [
        ({"currency": "usd"}, False),
        ({"currency": None}, False),
        ({"currency": "NPR"}, False),
        ({}, True),
    ],
)
def test_another_currency_does_not_match(content: dict[str, object], matches: bool, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(SESSION | content))
    assert with_long_timeouts("stripe", odd_server.url).fetch_payment(INTENT).merchant_matches is matches


@pytest.mark.parametrize("amount", ["50000", 50_000.0, True, None])
def test_an_amount_of_stripe_that_is_no_integer_is_ignored(amount: object, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(SESSION | {"amount_total": amount}))
    assert with_long_timeouts("stripe", odd_server.url).fetch_payment(INTENT).amount_paisa is None


@pytest.mark.parametrize("payment", [None, "", {"status": "succeeded"}, {"id": 5}])
def test_a_payment_without_an_id_has_no_reference(payment: object, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(SESSION | {"payment_intent": payment}))
    assert with_long_timeouts("stripe", odd_server.url).fetch_payment(INTENT).reference is None


@pytest.mark.parametrize(
    ("status", "value", "raised"),
    [
        (400, {"error": {"type": "invalid_request_error", "code": "amount_too_small", "message": "m"}}, Rejected),
        (401, {"error": {"type": "invalid_request_error", "message": "m"}}, Rejected),
        (409, {"error": {"type": "idempotency_error", "message": "m"}}, Unavailable),
        (429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "m"}}, Unavailable),
        (500, {"error": {"type": "api_error", "message": "m"}}, Unavailable),
        (200, {"id": "cs_1"}, Unavailable),
        (200, {"id": 5, "url": "https://checkout.example.com/"}, Unavailable),
    ],
)
def test_stripe_creates_a_checkout_or_names_the_reason(
    status: int, value: object, raised: type[Exception], odd_server: OddServer
) -> None:
    odd_server.answers_with(json.dumps(value), status)
    with pytest.raises(raised):
        with_long_timeouts("stripe", odd_server.url).create_checkout(INTENT)
    assert len(odd_server.requests_received) == 1


def test_a_list_of_stripe_that_does_not_say_whether_more_follows_is_not_believed(odd_server: OddServer) -> None:
    for more in ("true", 1, None):
        session = SESSION | {"created": int(SINCE.timestamp())}
        odd_server.answers_with(json.dumps({"object": "list", "data": [session], "has_more": more}))
        with pytest.raises(Unavailable):
            with_long_timeouts("stripe", odd_server.url).list_payments(SINCE, SINCE + timedelta(days=1))


@pytest.mark.parametrize("status", [["won"], {"won": 1}, None, 1])
def test_a_dispute_whose_status_is_no_text_keeps_the_money_in_doubt(status: object, odd_server: OddServer) -> None:
    charge = {"disputed": True, "amount_refunded": 0}
    disputes = {"data": [{"status": status, "amount": 50_000, "currency": "npr"}], "has_more": False}
    content = {"payment_intent": {"id": "pi_1", "latest_charge": charge}}
    odd_server.answers_with(json.dumps(SESSION | disputes | content))
    assert with_long_timeouts("stripe", odd_server.url).fetch_payment(INTENT).state is PaymentState.DISPUTED
