"""Undocumented responses to refunds never count as refunded, and cause no second send."""

import json
from dataclasses import replace

import pytest

from chalicelib.domain.configuration.gateway_registry import GatewayAccount
from chalicelib.domain.payments.payment_gateway import (
    MOBILE_NEEDED,
    NOT_EXECUTED,
    GatewayRefundState,
    PaymentState,
    RefundRequest,
    RefundStatus,
)
from chalicelib.gateways import khalti
from tests.gateways.odd_server import ODD, OddServer
from tests.gateways.unreliable import INTENT, NOW, with_long_timeouts, with_short_timeouts

ORDER = RefundRequest("refund1", 20_000)
CREDITED = replace(INTENT, credited_ref="theirs")


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("status", [200, 302, 400, 502])
def test_a_malformed_refund_response_gives_unknown_and_no_second_send(
    gateway: str, body: str, status: int, odd_server: OddServer
) -> None:
    odd_server.answers_with(body, status)
    assert with_long_timeouts(gateway, odd_server.url).refund(CREDITED, ORDER).state is GatewayRefundState.UNKNOWN
    assert len(odd_server.requests_received) == 1
    past_grace = replace(ORDER, past_grace=True)
    assert (
        with_long_timeouts(gateway, odd_server.url).fetch_refund(CREDITED, past_grace).state
        is GatewayRefundState.UNKNOWN
    )


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_a_timeout_of_a_refund_gives_an_unknown_status(gateway: str, odd_server: OddServer) -> None:
    odd_server.never_answers()
    assert with_short_timeouts(gateway, odd_server.url).refund(CREDITED, ORDER).state is GatewayRefundState.UNKNOWN
    assert (
        with_short_timeouts(gateway, odd_server.url).fetch_refund(CREDITED, ORDER).state is GatewayRefundState.UNKNOWN
    )


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_a_refund_without_a_connection_was_not_executed(gateway: str) -> None:
    refund_status = with_long_timeouts(gateway, "http://127.0.0.1:9/").refund(CREDITED, ORDER)
    assert refund_status == RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)


@pytest.mark.parametrize(
    ("status", "code", "order", "state"),
    [
        ("Refunded", 200, {}, GatewayRefundState.DONE),
        ("Partially Refunded", 200, {}, GatewayRefundState.DONE),
        ("Partially refunded", 200, {}, GatewayRefundState.DONE),
        ("Partially Refunded", 200, {"previously_refunded_paisa": 10_000}, GatewayRefundState.UNKNOWN),
        (
            "Partially Refunded",
            200,
            {"previously_refunded_paisa": 10_000, "past_grace": True},
            GatewayRefundState.UNKNOWN,
        ),
        ("Partially Refunded", 200, {"previously_refunded_paisa": 30_000}, GatewayRefundState.UNKNOWN),
        (
            "Partially Refunded",
            200,
            {"previously_refunded_paisa": 30_000, "past_grace": True},
            GatewayRefundState.REFUSED,
        ),
        ("Partially Refunded", 200, {"amount_paisa": 50_000}, GatewayRefundState.UNKNOWN),
        ("Refunded", 200, {"previously_refunded_paisa": 30_000}, GatewayRefundState.DONE),
        ("Completed", 200, {}, GatewayRefundState.UNKNOWN),
        ("Completed", 200, {"past_grace": True}, GatewayRefundState.REFUSED),
        ("Completed", 200, {"previously_refunded_paisa": 10_000, "past_grace": True}, GatewayRefundState.UNKNOWN),
        ("Pending", 200, {"past_grace": True}, GatewayRefundState.UNKNOWN),
        ("Expired", 400, {"past_grace": True}, GatewayRefundState.UNKNOWN),
    ],
)
def test_each_khalti_state_gives_its_refund_status(
    status: str, code: int, order: dict[str, int], state: GatewayRefundState, odd_server: OddServer
) -> None:
    odd_server.answers_with(
        json.dumps({"pidx": "pidx", "status": status, "transaction_id": "theirs", "refunded": False}), code
    )
    refund_status = with_long_timeouts("khalti", odd_server.url).fetch_refund(CREDITED, replace(ORDER, **order))  # type: ignore[arg-type]
    assert refund_status.state is state
    assert state is not GatewayRefundState.REFUSED or refund_status.reason == NOT_EXECUTED


@pytest.mark.parametrize("refunded", ["true", 1, "1", None, "?", [], True])
def test_a_khalti_refund_is_not_sent_again_while_the_flag_may_mean_refunded(
    refunded: object, odd_server: OddServer
) -> None:
    content = {"pidx": "pidx", "status": "Completed", "transaction_id": "theirs", "refunded": refunded}
    odd_server.answers_with(json.dumps(content))
    request = replace(ORDER, past_grace=True)
    assert with_long_timeouts("khalti", odd_server.url).fetch_refund(CREDITED, request).state is (
        GatewayRefundState.UNKNOWN
    )


@pytest.mark.parametrize(
    ("content", "state"),
    [
        ({"status": "succeeded"}, GatewayRefundState.DONE),
        ({"status": "pending"}, GatewayRefundState.PENDING),
        ({"status": "requires_action"}, GatewayRefundState.PENDING),
        ({"status": "failed"}, GatewayRefundState.REFUSED),
        ({"status": "canceled"}, GatewayRefundState.REFUSED),
        ({"status": "a new word"}, GatewayRefundState.UNKNOWN),
        ({"amount": 19_999}, GatewayRefundState.UNKNOWN),
        ({"metadata": {"refund_id": "another"}}, GatewayRefundState.UNKNOWN),
        ({"metadata": None}, GatewayRefundState.UNKNOWN),
    ],
)
def test_each_stripe_state_gives_its_refund_status(
    content: dict[str, object], state: GatewayRefundState, odd_server: OddServer
) -> None:
    refund = {"id": "re_1", "status": "succeeded", "amount": 20_000, "metadata": {"refund_id": "refund1"}} | content
    odd_server.answers_with(json.dumps(refund))
    assert with_long_timeouts("stripe", odd_server.url).refund(CREDITED, ORDER).state is state
    odd_server.answers_with(json.dumps({"object": "list", "data": [refund], "has_more": False}))
    assert with_long_timeouts("stripe", odd_server.url).fetch_refund(CREDITED, ORDER).state is state


@pytest.mark.parametrize(
    ("status", "error", "state"),
    [
        (400, {"type": "invalid_request_error", "code": "charge_already_refunded"}, GatewayRefundState.REFUSED),
        (400, {"type": "idempotency_error"}, GatewayRefundState.UNKNOWN),
        (409, {"type": "idempotency_error", "code": "idempotency_key_in_use"}, GatewayRefundState.UNKNOWN),
        (429, {"type": "invalid_request_error", "code": "rate_limit"}, GatewayRefundState.REFUSED),
        (500, {"type": "api_error"}, GatewayRefundState.UNKNOWN),
    ],
)
def test_each_stripe_error_gives_its_refund_status(
    status: int, error: dict[str, str], state: GatewayRefundState, odd_server: OddServer
) -> None:
    odd_server.answers_with(json.dumps({"error": error}), status)
    assert with_long_timeouts("stripe", odd_server.url).refund(CREDITED, ORDER).state is state
    assert len(odd_server.requests_received) == 1


@pytest.mark.parametrize(
    ("status", "value", "state", "reason"),
    [
        (200, {"detail": "Transaction refund successful."}, GatewayRefundState.DONE, "refunded"),
        (401, {"detail": "Invalid token.", "status_code": 401}, GatewayRefundState.REFUSED, "401"),
        (404, {"detail": "Not found."}, GatewayRefundState.REFUSED, "404"),
        (
            400,
            {"mobile": ["needed"], "error_key": "validation_error"},
            GatewayRefundState.BY_HAND,
            "mobile_needed",
        ),
        (
            400,
            {"amount": ["too much"], "error_key": "validation_error"},
            GatewayRefundState.REFUSED,
            "validation_error",
        ),
        (429, {"detail": "Request was throttled."}, GatewayRefundState.REFUSED, NOT_EXECUTED),
        (408, {"detail": "Request timeout."}, GatewayRefundState.UNKNOWN, "no_answer"),
        (200, {"detail": "Being looked at."}, GatewayRefundState.UNKNOWN, "no_answer"),
        (200, {"detail": "Transaction refund unsuccessful."}, GatewayRefundState.UNKNOWN, "no_answer"),
        (200, {"detail": ["Transaction refund successful."]}, GatewayRefundState.UNKNOWN, "no_answer"),
    ],
)
def test_each_khalti_response_gives_its_refund_status(
    status: int, value: object, state: GatewayRefundState, reason: str, odd_server: OddServer
) -> None:
    odd_server.answers_with(json.dumps(value), status)
    assert with_long_timeouts("khalti", odd_server.url).refund(CREDITED, ORDER) == RefundStatus(state, reason=reason)
    assert odd_server.requests_received == [("POST", "merchant-transaction/theirs/refund/")]


@pytest.mark.parametrize(
    "body",
    [
        {"mobile": ["This field is required."], "error_key": "validation_error"},
        {"detail": "Mobile number is required for a bank payment."},
    ],
)
def test_a_khalti_refund_that_asks_for_the_payers_mobile_goes_by_hand(
    body: dict[str, object], odd_server: OddServer
) -> None:
    odd_server.answers_with(json.dumps(body), 400)
    refund_status = with_long_timeouts("khalti", odd_server.url).refund(CREDITED, replace(ORDER, amount_paisa=50_000))
    assert refund_status == RefundStatus(GatewayRefundState.BY_HAND, reason=MOBILE_NEEDED)


def test_a_khalti_refund_of_a_part_goes_by_hand_until_the_setting_says_it_was_tried(odd_server: OddServer) -> None:
    odd_server.answers_with('{"detail": "Transaction refund successful."}')
    account = GatewayAccount(
        {
            "api_url": odd_server.url,
            "refund_url": odd_server.url,
            "secret_key": "key",
            "website_url": "https://bijuli.example/",
            "partial_refunds": "by_hand",
        },
        "https://api.example.com/back",
        lambda: NOW,
    )
    refund_status = khalti.connect(account).refund(CREDITED, ORDER)
    assert refund_status == RefundStatus(GatewayRefundState.BY_HAND, reason="partial_refund_untried")
    assert odd_server.requests_received == []
    whole = replace(ORDER, amount_paisa=50_000)
    assert khalti.connect(account).refund(CREDITED, whole).state is GatewayRefundState.DONE
    tried = replace(account, settings={**account.settings, "partial_refunds": "by_call"})
    assert khalti.connect(tried).refund(CREDITED, ORDER).state is GatewayRefundState.DONE


@pytest.mark.parametrize("status", ["Failed", "Canceled", "Cancelled", "User canceled", "Expired", "FAILED"])
@pytest.mark.parametrize("code", [200, 400])
def test_a_khalti_payment_that_ended_without_money_has_failed(status: str, code: int, odd_server: OddServer) -> None:
    odd_server.answers_with(json.dumps({"pidx": "pidx", "status": status, "total_amount": 50_000}), code)
    assert with_long_timeouts("khalti", odd_server.url).fetch_payment(INTENT).state is PaymentState.FAILED
