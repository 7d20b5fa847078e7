"""eSewa's signatures and amounts: its published vectors pass, and everything else is forged."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.domain.payments.payment_gateway import CallbackRef
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.money import short_money_text
from chalicelib.gateways.esewa import RESPONSE_FIELDS, Esewa, parse_esewa_amount

VECTOR = Esewa("f", "s", "EPAYTEST", "8gBm/:&EnhH.1/q", lambda _, __: "https://api.example.com/back")
"""eSewa's own published test merchant."""


def test_the_request_signature_equals_esewas_published_one() -> None:
    fields = {"total_amount": "110", "transaction_uuid": "241028", "product_code": "EPAYTEST"}
    signed = VECTOR.signature(fields, "total_amount,transaction_uuid,product_code")
    assert signed == "i94zsd3oXF6ZsSr/kGqT4sSzYQzjj1W/waxjWyRwaME="


def response(**changes: Any) -> dict[str, Any]:
    """eSewa's published response with changes."""
    return {
        "transaction_code": "000AWEO",
        "status": "COMPLETE",
        "total_amount": "1000.0",
        "transaction_uuid": "250610-162413",
        "product_code": "EPAYTEST",
        "signed_field_names": RESPONSE_FIELDS,
        "signature": "62GcfZTmVkzhtUeh+QJ1AqiJrjoWWGof3U+eTPTZ7fA=",
        **changes,
    }


def data(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def requests_received(text: str) -> CallbackRef:
    """The response in the encoding of a browser."""
    return VECTOR.parse_callback({":method": "GET"}, urlencode({"data": text}).encode())


@pytest.mark.parametrize(
    "text",
    [
        data(response()),
        data(response()).rstrip("="),
        data(response()).replace("+", " "),
        base64.urlsafe_b64encode(json.dumps(response()).encode()).decode(),
        base64.b64encode(json.dumps(response()).replace('"1000.0"', "1000.0").encode()).decode(),
    ],
)
def test_esewas_published_response_is_accepted_in_every_encoding(text: str) -> None:
    assert requests_received(text).order_ref == "250610-162413"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%%%",
        "e30=",
        "W10=",
        data([]),
        data(response(total_amount="1,000.0")),
        data(response(total_amount="1000")),
        data(response(transaction_uuid="250610-162414")),
        data(response(status="COMPLETED")),
        data(response(signature="")),
        data(response(signed_field_names="status", signature=VECTOR.signature({"status": "COMPLETE"}, "status"))),
        data({name: value for name, value in response().items() if name != "signature"}),
        "💸",
    ],
)
def test_every_other_signature_raises_forged(text: str) -> None:
    with pytest.raises(Problem, match="webhook_forged"):
        requests_received(text)


def test_a_signed_payload_with_another_field_list_raises_forged() -> None:
    theirs = response(signed_field_names="status")
    theirs["signature"] = VECTOR.signature(theirs, RESPONSE_FIELDS)
    with pytest.raises(Problem, match="webhook_forged"):
        requests_received(data(theirs))


@pytest.mark.parametrize("amount", ["1,000.0", "1,00,000", "1000.00"])
def test_an_amount_is_verified_as_the_signed_text(amount: str) -> None:
    ours = response(total_amount=amount)
    ours["signature"] = VECTOR.signature(ours, RESPONSE_FIELDS)
    assert requests_received(data(ours)).order_ref == "250610-162413"
    with pytest.raises(Problem, match="webhook_forged"):
        requests_received(data(ours | {"total_amount": amount.replace(",", "") + "0"}))


def test_the_same_response_is_the_same_event_and_another_status_is_another() -> None:
    other = response(status="PENDING")
    other["signature"] = VECTOR.signature(other, RESPONSE_FIELDS)
    first, again = requests_received(data(response())), requests_received(data(response()).rstrip("="))
    assert first.event_id == again.event_id != requests_received(data(other)).event_id


def test_another_merchants_signed_response_raises_forged() -> None:
    theirs = response(product_code="OTHER")
    theirs["signature"] = VECTOR.signature(theirs, RESPONSE_FIELDS)
    with pytest.raises(Problem, match="webhook_forged"):
        requests_received(data(theirs))


@pytest.mark.parametrize(("paisa", "text"), [(11_000, "110"), (11_050, "110.50"), (1_001, "10.01"), (100, "1")])
def test_rupees_are_written_as_they_are_signed(paisa: int, text: str) -> None:
    assert short_money_text(paisa) == text
    assert parse_esewa_amount(text) == paisa


@pytest.mark.parametrize(
    ("value", "paisa"),
    [
        ("1,000.0", 100_000),
        (1000.0, 100_000),
        ("NaN", None),
        ("x", None),
        (None, None),
        ("0.001", None),
        ("inf", None),
    ],
)
def test_amounts_are_read_as_esewa_writes_them(value: Any, paisa: int | None) -> None:
    assert parse_esewa_amount(value) == paisa
