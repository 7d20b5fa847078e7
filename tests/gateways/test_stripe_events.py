"""Stripe's signed events: their signatures, their times, and the payment that each refers to."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from stripe import WebhookSignature

from chalicelib.domain.problems.problems import Problem
from chalicelib.gateways.stripe import Stripe

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRET = "the secret of this endpoint"
GATEWAY = Stripe(
    "http://127.0.0.1:9",
    secret_key="key",
    webhook_secret=SECRET,
    currency="npr",
    return_url_of=lambda _, __: "https://api.example.com/back",
    now=lambda: NOW,
)


def event(kind: str = "checkout.session.completed", **about: Any) -> bytes:
    content = {"object": "checkout.session", "id": "cs_1", "metadata": {"order_ref": "01M8-1"}, **about}
    # The signature covers the text as Stripe writes it, with its white space.
    return json.dumps(
        {"id": "evt_1", "object": "event", "type": kind, "data": {"object": content}}, indent=2
    ).encode()


def signed(raw: bytes, at: int = AT, secret: str = SECRET) -> str:
    """The signature header as Stripe's own library makes it."""
    return str(WebhookSignature.generate_signature_header(raw.decode(), secret, timestamp=at))


def requests_received(raw: bytes, header: str | None) -> Any:
    headers = {":method": "POST", "content-type": "application/json; charset=utf-8"}
    return GATEWAY.parse_callback(headers | ({"stripe-signature": header} if header is not None else {}), raw)


def test_a_signed_event_is_accepted_under_stripes_id() -> None:
    hint = requests_received(event(), signed(event()))
    assert (hint.order_ref, hint.gateway_ref, hint.event_id, hint.is_retried_by_sender) == (
        "01M8-1",
        None,
        "evt_1",
        True,
    )


@pytest.mark.parametrize("seconds", [-300, -299, 0, 300])
def test_a_signature_up_to_five_minutes_away_is_accepted(seconds: int) -> None:
    assert requests_received(event(), signed(event(), AT + seconds)).event_id == "evt_1"


@pytest.mark.parametrize("length", [timedelta(seconds=301), timedelta(days=1), timedelta(days=3650)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_signature_further_in_past_or_future_raises_forged(length: timedelta, sign: int) -> None:
    at = AT + sign * int(length.total_seconds())
    with pytest.raises(Problem, match="webhook_forged"):
        requests_received(event(), signed(event(), at))


def test_one_valid_signature_among_several_is_enough() -> None:
    at, right = signed(event()).split(",")
    wrong = signed(event(), secret="the next secret").split(",")[1]
    for header in (f"{at},{wrong},{right}", f"{at},{right},{wrong}", f"{at}, {right}", f"{right},{at},v0=abc"):
        assert requests_received(event(), header).event_id == "evt_1"


RIGHT = signed(event()).split(",")[1]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "garbage",
        "t=,v1=",
        RIGHT,
        f"t={AT}",
        f"t={AT},v1=",
        f"t={AT},v0={RIGHT[3:]}",
        f"t={AT},{RIGHT[:-1]}",
        f"t={AT},{RIGHT.upper()}",
        f"t={AT + 1},{RIGHT}",
        f"t={AT},t={AT},{RIGHT}",
        f"t={AT}.0,{RIGHT}",
        f"t=-{AT},{RIGHT}",
        f"t={'9' * 400},{RIGHT}",
        f"t=१,{RIGHT}",
        f"t={AT},v1=\ud800",
        signed(event(), secret="another"),
        signed(event(), secret=""),
    ],
)
def test_every_other_signature_raises_forged(header: str | None) -> None:
    with pytest.raises(Problem, match="webhook_forged"):
        requests_received(event(), header)


def test_a_changed_body_raises_forged() -> None:
    header = signed(event())
    for raw in (event() + b" ", event(amount_total=1), json.dumps(json.loads(event())).encode(), b""):
        with pytest.raises(Problem, match="webhook_forged"):
            requests_received(raw, header)


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b'{"id": 5}', b'{"id": "evt_1"}', b'{"id": "", "type": "x"}']
)
def test_a_signed_body_that_is_no_event_is_invalid(raw: bytes) -> None:
    with pytest.raises(Problem, match="malformed_body"):
        requests_received(raw, signed(raw))


def test_a_signed_body_that_is_no_text_is_invalid() -> None:
    raw = b"\xff\xfe"
    proof = hmac.digest(SECRET.encode(), f"{AT}.".encode() + raw, hashlib.sha256).hex()
    with pytest.raises(Problem, match="malformed_body"):
        requests_received(raw, f"t={AT},v1={proof}")


@pytest.mark.parametrize(
    "kind",
    [
        "checkout.session.completed",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "checkout.session.expired",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "charge.refunded",
        "refund.failed",
    ],
)
def test_every_event_about_our_payment_refers_to_it(kind: str) -> None:
    raw = event(kind, object=kind.rpartition(".")[0])
    assert requests_received(raw, signed(raw)).order_ref == "01M8-1"


def test_a_session_without_our_reference_is_found_by_its_id() -> None:
    raw = event(metadata={})
    hint = requests_received(raw, signed(raw))
    assert (hint.order_ref, hint.gateway_ref) == (None, "cs_1")


@pytest.mark.parametrize(
    "raw",
    [
        event("customer.created"),
        event("invoice.paid"),
        event("a.new.kind"),
        event("refund.updated", object="refund", metadata={}),
        event("charge.refunded", object="charge", metadata={"order_ref": 5}),
        event("payment_intent.succeeded", object="payment_intent", metadata=None),
        b'{"id": "evt_1", "type": "charge.refunded"}',
        b'{"id": "evt_1", "type": "charge.refunded", "data": {"object": [1]}}',
    ],
)
def test_an_event_about_another_payment_refers_to_nothing(raw: bytes) -> None:
    hint = requests_received(raw, signed(raw))
    assert (hint.order_ref, hint.gateway_ref, hint.is_retried_by_sender) == (None, None, True)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("charge.refunded", {"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}),
        ("refund.created", {"object": "refund", "id": "re_1", "payment_intent": "pi_1", "metadata": {}}),
        ("refund.updated", {"object": "refund", "id": "re_1", "payment_intent": {"id": "pi_1"}, "metadata": None}),
        ("charge.refund.updated", {"object": "refund", "id": "re_1", "payment_intent": "pi_1"}),
        ("charge.dispute.created", {"object": "dispute", "id": "du_1", "payment_intent": "pi_1", "metadata": {}}),
        ("charge.dispute.funds_withdrawn", {"object": "dispute", "id": "du_1", "payment_intent": "pi_1"}),
        ("charge.dispute.closed", {"object": "dispute", "id": "du_1", "payment_intent": "pi_1"}),
    ],
)
def test_a_reversal_without_metadata_refers_to_its_payment(kind: str, content: dict[str, object]) -> None:
    raw = event(kind, **({"metadata": {}} | content))
    callback = requests_received(raw, signed(raw))
    assert (callback.order_ref, callback.gateway_ref, callback.payment_ref) == (None, None, "pi_1")
    assert callback.is_reversal


@pytest.mark.parametrize("kind", ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"])
def test_an_event_about_money_that_comes_in_is_no_reversal(kind: str) -> None:
    raw = event(kind)
    assert not requests_received(raw, signed(raw)).is_reversal


def test_a_browser_return_is_a_reference_without_a_signature() -> None:
    back = {":method": "GET"}
    callback = GATEWAY.parse_callback(back, b"order_ref=01M8-1&outcome=success")
    assert (callback.order_ref, callback.is_retried_by_sender) == ("01M8-1", False)
    again = GATEWAY.parse_callback(back, b"order_ref=01M8-1&outcome=success&more=1")
    other = GATEWAY.parse_callback(back, b"order_ref=01M8-1&outcome=cancel")
    assert callback.event_id == again.event_id != other.event_id
    assert GATEWAY.parse_callback(back, b"").order_ref is None
