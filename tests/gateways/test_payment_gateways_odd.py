"""Undocumented responses of payment gateways never count as paid."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.payments.payment_gateway import GatewayRefundState, PaymentState, PaymentStatus, RefundStatus
from chalicelib.gateways.esewa import parse_esewa_amount
from chalicelib.world import Unavailable
from tests.gateways.odd_server import ODD, OddServer
from tests.gateways.unreliable import INTENT, with_long_timeouts, with_short_timeouts

COMPLETE = {
    "product_code": "OURS",
    "transaction_uuid": INTENT.order_ref,
    "total_amount": 500.0,
    "status": "COMPLETE",
    "ref_id": "0001",
}


@pytest.mark.parametrize("gateway", ["khalti", "esewa", "stripe"])
@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("status", [200, 400, 502])
def test_a_malformed_response_gives_an_unknown_status(
    gateway: str, body: str, status: int, odd_server: OddServer
) -> None:
    odd_server.answers_with(body, status)
    assert with_long_timeouts(gateway, odd_server.url).fetch_payment(INTENT).state is PaymentState.UNKNOWN


@pytest.mark.parametrize("gateway", ["khalti", "esewa", "stripe"])
def test_a_timeout_of_a_query_gives_an_unknown_status(gateway: str, odd_server: OddServer) -> None:
    odd_server.never_answers()
    assert with_short_timeouts(gateway, odd_server.url).fetch_payment(INTENT) == PaymentStatus(
        PaymentState.UNKNOWN, reason="no_answer"
    )


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_a_timeout_of_a_checkout_raises_unavailable(gateway: str, odd_server: OddServer) -> None:
    odd_server.never_answers()
    with pytest.raises(Unavailable):
        with_short_timeouts(gateway, odd_server.url).create_checkout(INTENT)


@pytest.mark.parametrize("body", ["half", "no status", "nothing"])
@pytest.mark.parametrize("status", [200, 201, 302, 408, 502])
@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_a_checkout_whose_response_says_nothing_may_be_tried_again(
    gateway: str, status: int, body: str, odd_server: OddServer
) -> None:
    """The gateway may have made the payment, so that its answer is no refusal."""
    odd_server.answers_with(ODD[body], status)
    with pytest.raises(Unavailable):
        with_long_timeouts(gateway, odd_server.url).create_checkout(INTENT)


@pytest.mark.parametrize("gateway", ["khalti", "esewa", "stripe"])
def test_a_redirect_is_not_followed(gateway: str, odd_server: OddServer) -> None:
    odd_server.redirects(307)
    assert with_long_timeouts(gateway, odd_server.url).fetch_payment(INTENT).state is PaymentState.UNKNOWN
    assert "elsewhere" not in [path for _, path in odd_server.requests_received]


def test_khaltis_status_of_another_pidx_gives_unknown(odd_server: OddServer) -> None:
    content = {
        "pidx": "other",
        "status": "Completed",
        "total_amount": 50_000,
        "transaction_id": "t",
        "refunded": False,
    }
    odd_server.answers_with(json.dumps(content))
    assert with_long_timeouts("khalti", odd_server.url).fetch_payment(INTENT).state is PaymentState.UNKNOWN


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        ("Completed", 200, PaymentState.PAID),
        ("Pending", 200, PaymentState.PENDING),
        ("Initiated", 200, PaymentState.UNPAID),
        ("Expired", 400, PaymentState.FAILED),
        ("User canceled", 400, PaymentState.FAILED),
        ("Refunded", 200, PaymentState.REFUNDED),
        ("Partially Refunded", 200, PaymentState.PARTLY_REFUNDED),
        ("Partially refunded", 200, PaymentState.PARTLY_REFUNDED),
        ("PARTIALLY_REFUNDED", 200, PaymentState.PARTLY_REFUNDED),
        ("Partially  Refunded ", 400, PaymentState.PARTLY_REFUNDED),
        ("Partial Refund", 200, PaymentState.PARTLY_REFUNDED),
        ("Refund Pending", 200, PaymentState.PARTLY_REFUNDED),
        ("Reversed", 200, PaymentState.PARTLY_REFUNDED),
        ("Disputed", 200, PaymentState.PARTLY_REFUNDED),
        ("User Canceled", 400, PaymentState.FAILED),
        ("Ambiguous", 200, PaymentState.UNKNOWN),
    ],
)
def test_each_status_of_khalti_has_its_payment_state(
    status: str, code: int, state: PaymentState, odd_server: OddServer
) -> None:
    content = {"pidx": "pidx", "status": status, "total_amount": 50_000, "transaction_id": "t", "refunded": False}
    odd_server.answers_with(json.dumps(content), code)
    assert with_long_timeouts("khalti", odd_server.url).fetch_payment(INTENT).state is state


def test_khaltis_completed_payment_with_a_refund_may_have_gone_back(odd_server: OddServer) -> None:
    content = {"pidx": "pidx", "status": "Completed", "total_amount": 50_000, "transaction_id": "t", "refunded": True}
    odd_server.answers_with(json.dumps(content))
    payment_status = with_long_timeouts("khalti", odd_server.url).fetch_payment(INTENT)
    assert payment_status == PaymentStatus(PaymentState.PARTLY_REFUNDED, "t", 50_000, reason="completed")


@pytest.mark.parametrize(
    ("refunded", "state"),
    [
        (False, PaymentState.PAID),
        ("false", PaymentState.PAID),
        ("False", PaymentState.PAID),
        (0, PaymentState.PAID),
        ("0", PaymentState.PAID),
        (True, PaymentState.PARTLY_REFUNDED),
        ("true", PaymentState.PARTLY_REFUNDED),
        ("TRUE", PaymentState.PARTLY_REFUNDED),
        (1, PaymentState.PARTLY_REFUNDED),
        ("1", PaymentState.PARTLY_REFUNDED),
        (None, PaymentState.UNKNOWN),
        ("", PaymentState.UNKNOWN),
        ("no", PaymentState.UNKNOWN),
        (2, PaymentState.UNKNOWN),
        (0.5, PaymentState.UNKNOWN),
        ([], PaymentState.UNKNOWN),
        ({}, PaymentState.UNKNOWN),
    ],
)
def test_khaltis_refunded_flag_of_each_type(refunded: object, state: PaymentState, odd_server: OddServer) -> None:
    content = {"pidx": "pidx", "status": "Completed", "total_amount": 50_000, "transaction_id": "t"}
    odd_server.answers_with(json.dumps(content | {"refunded": refunded}))
    assert with_long_timeouts("khalti", odd_server.url).fetch_payment(INTENT).state is state


@pytest.mark.parametrize("status", [None, True, 1, ["Completed"], {"status": "Completed"}])
@pytest.mark.parametrize("gateway", ["khalti", "esewa"])
def test_a_status_that_is_no_text_gives_unknown(gateway: str, status: object, odd_server: OddServer) -> None:
    content = {"pidx": "pidx", "total_amount": 50_000, "transaction_id": "t"} if gateway == "khalti" else COMPLETE
    odd_server.answers_with(json.dumps(content | {"status": status}))
    assert with_long_timeouts(gateway, odd_server.url).fetch_payment(INTENT).state is PaymentState.UNKNOWN


@pytest.mark.parametrize(
    ("ref_id", "reference"),
    [("00AB", "00AB"), (7, "7"), (True, None), (["r"], None), ({"id": "r"}, None), (1.5, None), (None, None)],
)
def test_esewas_reference_of_each_type(ref_id: object, reference: str | None, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(COMPLETE | {"ref_id": ref_id}))
    assert with_long_timeouts("esewa", odd_server.url).fetch_payment(INTENT).reference == reference


@pytest.mark.parametrize("amount", [True, None, [500], {}, "", "५००", "5_00", "nan", "1e400"])
def test_an_amount_of_esewa_that_is_no_number_is_ignored(amount: object, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(COMPLETE | {"total_amount": amount}))
    assert with_long_timeouts("esewa", odd_server.url).fetch_payment(INTENT).amount_paisa is None


@pytest.mark.parametrize("amount", ["50000", 50_000.0, True, None])
def test_an_amount_that_is_no_integer_is_ignored(amount: object, odd_server: OddServer) -> None:
    odd_server.answers_with(
        json.dumps({"pidx": "pidx", "status": "Completed", "total_amount": amount, "transaction_id": "t"})
    )
    assert with_long_timeouts("khalti", odd_server.url).fetch_payment(INTENT).amount_paisa is None


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("COMPLETE", PaymentState.PAID),
        ("PENDING", PaymentState.PENDING),
        ("NOT_FOUND", PaymentState.UNPAID),
        ("CANCELED", PaymentState.FAILED),
        ("FULL_REFUND", PaymentState.REFUNDED),
        ("PARTIAL_REFUND", PaymentState.PARTLY_REFUNDED),
        ("partial_refund", PaymentState.PARTLY_REFUNDED),
        ("PARTIALLY REFUNDED", PaymentState.PARTLY_REFUNDED),
        ("REVERSED", PaymentState.PARTLY_REFUNDED),
        ("CHARGEBACK", PaymentState.PARTLY_REFUNDED),
        ("AMBIGUOUS", PaymentState.UNKNOWN),
    ],
)
def test_each_status_of_esewa_has_its_payment_state(status: str, state: PaymentState, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(COMPLETE | {"status": status}))
    assert with_long_timeouts("esewa", odd_server.url).fetch_payment(INTENT).state is state


def test_esewas_payment_to_another_merchant_does_not_match(odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(COMPLETE | {"product_code": "THEIRS"}))
    assert not with_long_timeouts("esewa", odd_server.url).fetch_payment(INTENT).merchant_matches


def test_esewas_status_of_another_transaction_is_unknown(odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps(COMPLETE | {"transaction_uuid": "01M9-1"}))
    assert with_long_timeouts("esewa", odd_server.url).fetch_payment(INTENT).state is PaymentState.UNKNOWN


@pytest.mark.parametrize("name", ["", " ", "x" * 256, "\ud800", "a\x00b", "१", 5, ["a"]])
def test_an_impossible_reference_is_ignored(name: object, odd_server: OddServer) -> None:
    odd_server.answers_with(
        json.dumps({"pidx": "pidx", "status": "Completed", "total_amount": 50_000, "transaction_id": name})
    )
    payment_status = with_long_timeouts("khalti", odd_server.url).fetch_payment(INTENT)
    assert (payment_status.state, payment_status.reference) == (PaymentState.PAID, None)
    odd_server.answers_with(json.dumps({"pidx": name, "payment_url": "https://pay.example"}))
    with pytest.raises(Unavailable):
        with_long_timeouts("khalti", odd_server.url).create_checkout(INTENT)


@pytest.mark.parametrize("amount", [-1, 10**12 + 1, 10**200])
def test_an_impossible_amount_is_ignored(amount: int, odd_server: OddServer) -> None:
    content = {"pidx": "pidx", "status": "Completed", "total_amount": amount, "transaction_id": "T1"}
    odd_server.answers_with(json.dumps(content))
    assert with_long_timeouts("khalti", odd_server.url).fetch_payment(INTENT).amount_paisa is None
    assert PaymentStatus(PaymentState.PAID, amount_paisa=amount).amount_paisa is None


def test_a_long_reason_of_a_gateway_is_cut() -> None:
    for payment_status in (
        PaymentStatus(PaymentState.UNKNOWN, reason="\ud800" * 3_000),
        RefundStatus(GatewayRefundState.UNKNOWN, reason="\ud800" * 3_000),
    ):
        assert payment_status.reason.isascii()
        assert len(payment_status.reason) <= 1_000


@pytest.mark.parametrize("value", ["1e999999", "-1e999999", "sNaN", [500], {"amount": 500}, True])
def test_a_malformed_amount_is_ignored(value: object) -> None:
    assert parse_esewa_amount(value) is None


def test_an_intent_without_a_pidx_sends_no_query(odd_server: OddServer) -> None:
    with_long_timeouts("khalti", odd_server.url).fetch_payment(replace(INTENT, gateway_ref=None))
    assert odd_server.requests_received == []
