"""What no documentation of a payment gateway promises: nothing of it counts as paid."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.payment import Intent, Outcome, Paid
from chalicelib.domain.problems import Problem
from chalicelib.gateways.esewa import TOLD_FIELDS, Esewa, paisa_of
from chalicelib.gateways.khalti import Khalti
from chalicelib.world import Away, PaymentGateway
from tests.gateways.neighbour import ODD, ORDER_REF, Neighbour

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
INTENT = Intent("01M8", "user", "any", 50_000, ORDER_REF, NOW, NOW + timedelta(minutes=30), gateway_ref="pidx")
IMPATIENT = (1.0, 0.05)
COMPLETE = {
    "product_code": "OURS",
    "transaction_uuid": INTENT.order_ref,
    "total_amount": 500.0,
    "status": "COMPLETE",
    "ref_id": "0001",
}


def khalti(url: str) -> Khalti:
    return Khalti(url, "key", "https://bijuli.example/", lambda _: "https://api.example.com/back", IMPATIENT)


def esewa(url: str, timeout_seconds: tuple[float, float] = IMPATIENT) -> Esewa:
    return Esewa(url, f"{url}status/", "OURS", "key", lambda _, __: "https://api.example.com/back", timeout_seconds)


def patient(gateway: str, url: str) -> PaymentGateway:
    """With time-outs that a busy machine does not reach."""
    if gateway == "esewa":
        return esewa(url, (2.0, 6.0))
    return Khalti(url, "key", "https://bijuli.example/", lambda _: "https://api.example.com/back")


@pytest.mark.parametrize("gateway", ["khalti", "esewa"])
@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("status", [200, 400, 502])
def test_an_odd_answer_is_unknown(gateway: str, body: str, status: int, neighbour: Neighbour) -> None:
    neighbour.says(body, status)
    assert patient(gateway, neighbour.url).look(INTENT).paid is Paid.UNKNOWN


@pytest.mark.parametrize("gateway", ["khalti", "esewa"])
def test_silence_at_a_look_is_unknown(gateway: str, neighbour: Neighbour) -> None:
    neighbour.says_nothing()
    impatient = khalti(neighbour.url) if gateway == "khalti" else esewa(neighbour.url)
    assert impatient.look(INTENT) == Outcome(Paid.UNKNOWN, reason="no_answer")


def test_silence_at_an_initiate_is_away_as_nobody_can_pay_there(neighbour: Neighbour) -> None:
    neighbour.says_nothing()
    with pytest.raises(Away):
        khalti(neighbour.url).open(INTENT)


@pytest.mark.parametrize("gateway", ["khalti", "esewa"])
def test_a_redirect_is_not_followed(gateway: str, neighbour: Neighbour) -> None:
    neighbour.sends_on(307)
    assert patient(gateway, neighbour.url).look(INTENT).paid is Paid.UNKNOWN
    assert "elsewhere" not in [path for _, path in neighbour.heard]


def test_khaltis_status_of_another_pidx_is_unknown(neighbour: Neighbour) -> None:
    said = {"pidx": "other", "status": "Completed", "total_amount": 50_000, "transaction_id": "t", "refunded": False}
    neighbour.says(json.dumps(said))
    assert patient("khalti", neighbour.url).look(INTENT).paid is Paid.UNKNOWN


@pytest.mark.parametrize(
    ("status", "code", "paid"),
    [
        ("Completed", 200, Paid.PAID),
        ("Pending", 200, Paid.PENDING),
        ("Initiated", 200, Paid.UNPAID),
        ("Expired", 400, Paid.FAILED),
        ("User canceled", 400, Paid.FAILED),
        ("Refunded", 200, Paid.REFUNDED),
        ("Partially Refunded", 200, Paid.REFUNDED),
        ("Partially refunded", 200, Paid.REFUNDED),
    ],
)
def test_khaltis_every_status(status: str, code: int, paid: Paid, neighbour: Neighbour) -> None:
    told = {"pidx": "pidx", "status": status, "total_amount": 50_000, "transaction_id": "t", "refunded": False}
    neighbour.says(json.dumps(told), code)
    assert patient("khalti", neighbour.url).look(INTENT).paid is paid


@pytest.mark.parametrize("amount", ["50000", 50_000.0, True, None])
def test_an_amount_that_is_no_integer_of_paisa_is_no_amount(amount: object, neighbour: Neighbour) -> None:
    neighbour.says(json.dumps({"pidx": "pidx", "status": "Completed", "total_amount": amount, "transaction_id": "t"}))
    assert patient("khalti", neighbour.url).look(INTENT).amount_paisa is None


@pytest.mark.parametrize(
    ("status", "paid"),
    [
        ("COMPLETE", Paid.PAID),
        ("PENDING", Paid.PENDING),
        ("NOT_FOUND", Paid.UNPAID),
        ("CANCELED", Paid.FAILED),
        ("FULL_REFUND", Paid.REFUNDED),
        ("PARTIAL_REFUND", Paid.REFUNDED),
        ("AMBIGUOUS", Paid.UNKNOWN),
    ],
)
def test_esewas_every_status(status: str, paid: Paid, neighbour: Neighbour) -> None:
    neighbour.says(json.dumps(COMPLETE | {"status": status}))
    assert patient("esewa", neighbour.url).look(INTENT).paid is paid


def test_esewas_payment_to_another_merchant_does_not_match(neighbour: Neighbour) -> None:
    neighbour.says(json.dumps(COMPLETE | {"product_code": "THEIRS"}))
    assert not patient("esewa", neighbour.url).look(INTENT).merchant_matches


def test_esewas_status_of_another_transaction_is_unknown(neighbour: Neighbour) -> None:
    neighbour.says(json.dumps(COMPLETE | {"transaction_uuid": "01M9-1"}))
    assert patient("esewa", neighbour.url).look(INTENT).paid is Paid.UNKNOWN


@pytest.mark.parametrize("said", ["1e999999", "-1e999999", "sNaN", [500], {"amount": 500}, True])
def test_an_amount_nobody_could_mean_is_no_amount(said: object) -> None:
    assert paisa_of(said) is None


@pytest.mark.parametrize("field", [*TOLD_FIELDS.split(",")[:-1], "signature"])
def test_half_a_character_in_esewas_data_is_forged(field: str) -> None:
    said = dict.fromkeys(TOLD_FIELDS.split(","), "1") | {"signed_field_names": TOLD_FIELDS, "signature": "x"}
    data = base64.b64encode(json.dumps(said | {field: "\ud800"}).encode()).decode()
    with pytest.raises(Problem, match="webhook_forged"):
        esewa("http://127.0.0.1:9/").heard({}, json.dumps({"data": data}).encode())


def test_khaltis_return_points_at_its_pidx_and_an_empty_one_at_nothing() -> None:
    gateway, browser = khalti("http://127.0.0.1:9/"), {":method": "GET"}
    assert gateway.heard(browser, b"pidx=pidx&status=Completed").gateway_ref == "pidx"
    assert gateway.heard(browser, b"").gateway_ref is None
    assert gateway.heard({}, b'{"pidx": ""}').gateway_ref is None


def test_an_intent_without_a_pidx_is_not_asked_for(neighbour: Neighbour) -> None:
    patient("khalti", neighbour.url).look(replace(INTENT, gateway_ref=None))
    assert neighbour.heard == []
