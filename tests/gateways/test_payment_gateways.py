"""What every payment gateway does for us: one set of sentences, for the real adapters and for the fake."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from chalicelib.domain.payment import Checkout, Intent, Outcome, Paid
from chalicelib.domain.problems import Problem
from chalicelib.gateways.esewa import TOLD_FIELDS, Esewa, paisa_of, rupees
from chalicelib.gateways.khalti import Khalti
from chalicelib.world import Away, PaymentGateway, Refused
from infra.local.companies import Companies
from infra.local.stage import Fault, Stage
from tests.fakes import FakeGateway
from tests.gateways.companies import companies

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
BACK = "https://api.example.com/back"


@dataclass
class Counter:
    """A gateway, and the customer's side of it."""

    gateway: PaymentGateway
    pay: Callable[[Intent, str], object]
    break_: Callable[[], object]

    def opened(self, intent: Intent) -> Intent:
        """The intent as our tables would keep it, and the customer on the pay page."""
        checkout = self.gateway.open(intent)
        if checkout.form_fields and isinstance(self.gateway, Esewa):
            answer = requests.post(checkout.payment_url, data=dict(checkout.form_fields), timeout=5)
            assert answer.status_code == 200
        return intent.opened(checkout)


def intent(number: int = 1, paisa: int = 50_000) -> Intent:
    name = f"01M83FTTQ8{number:016d}"
    return Intent(name, "user", "any", paisa, f"{name}-1", NOW, NOW + timedelta(minutes=30))


@pytest.fixture(scope="module")
def street() -> Iterator[tuple[Companies, Stage]]:
    with companies() as made:
        yield made


@pytest.fixture(params=["khalti", "esewa", "fake"])
def counter(request: pytest.FixtureRequest, street: tuple[Companies, Stage]) -> Iterator[Counter]:
    made, stage = street
    if request.param == "fake":
        yield _fake()
        return
    gateway = khalti(made) if request.param == "khalti" else esewa(made)
    server = made.gateways[request.param]
    yield Counter(
        gateway,
        lambda paid, outcome: server.pay(paid.order_ref, outcome, "never"),
        lambda: stage.faults.update({request.param: Fault(1, status=502)}),
    )


def khalti(made: Companies) -> Khalti:
    env = made.environment()
    return Khalti(
        env["BIJULI_KHALTI_API_URL"], env["BIJULI_KHALTI_SECRET_KEY"], "https://bijuli.example/", lambda _: BACK
    )


def esewa(made: Companies) -> Esewa:
    env = made.environment()
    return Esewa(
        env["BIJULI_ESEWA_FORM_URL"],
        env["BIJULI_ESEWA_STATUS_URL"],
        env["BIJULI_ESEWA_PRODUCT_CODE"],
        env["BIJULI_ESEWA_SECRET_KEY"],
        lambda _, outcome: f"{BACK}/{outcome}",
    )


def _fake() -> Counter:
    gateway = FakeGateway("khalti")
    told: dict[str, Callable[[Intent], Outcome]] = {
        "success": lambda one: Outcome(Paid.PAID, f"paid-{one.order_ref}", one.amount_paisa),
        "wrong_amount": lambda one: Outcome(Paid.PAID, f"paid-{one.order_ref}", one.amount_paisa - 100),
        "cancel": lambda _: Outcome(Paid.FAILED, reason="cancelled"),
        "pending": lambda _: Outcome(Paid.PENDING),
    }
    return Counter(
        gateway,
        lambda one, outcome: gateway.outcomes.update({one.intent_id: told[outcome](one)}),
        lambda: setattr(gateway, "outcome", Outcome(Paid.UNKNOWN)),
    )


def test_before_anybody_paid_it_is_pending(counter: Counter) -> None:
    assert counter.gateway.look(counter.opened(intent(1))).paid is Paid.PENDING


def test_what_was_paid_is_told_with_amount_and_reference(counter: Counter) -> None:
    opened = counter.opened(intent(2, 123_450))
    counter.pay(opened, "success")
    outcome = counter.gateway.look(opened)
    assert (outcome.paid, outcome.amount_paisa, outcome.merchant_matches) == (Paid.PAID, 123_450, True)
    assert outcome.reference
    assert counter.gateway.look(opened) == outcome


def test_another_amount_is_told_as_it_is(counter: Counter) -> None:
    opened = counter.opened(intent(3))
    counter.pay(opened, "wrong_amount")
    assert counter.gateway.look(opened).amount_paisa == 49_900


def test_a_cancelled_payment_has_failed(counter: Counter) -> None:
    opened = counter.opened(intent(4))
    counter.pay(opened, "cancel")
    assert counter.gateway.look(opened).paid is Paid.FAILED


def test_a_gateway_that_is_away_tells_nothing(counter: Counter) -> None:
    opened = counter.opened(intent(5))
    counter.break_()
    assert counter.gateway.look(opened).paid is Paid.UNKNOWN


@pytest.mark.parametrize("failure", ["refused", "html", "silent"])
def test_khalti_out_of_reach_is_away_and_unknown(failure: str, street: tuple[Companies, Stage]) -> None:
    made, stage = street
    gateway = khalti(made)
    if failure == "refused":
        gateway = Khalti("http://127.0.0.1:9/", "key", "https://bijuli.example/", lambda _: BACK)
    elif failure == "silent":
        gateway = Khalti(
            made.environment()["BIJULI_KHALTI_API_URL"], "key", "https://x.example/", lambda _: BACK, (1.0, 0.05)
        )
    fault = Fault(2, timeout=0.3) if failure == "silent" else Fault(2, status=503)
    stage.faults["khalti"] = fault
    with pytest.raises(Away):
        gateway.open(intent(6))
    assert gateway.look(replace(intent(6), gateway_ref="pidx")).paid is Paid.UNKNOWN
    stage.faults.pop("khalti")


def test_khalti_refusing_an_order_is_refused(street: tuple[Companies, Stage]) -> None:
    with pytest.raises(Refused, match="validation_error"):
        khalti(street[0]).open(intent(7, 999))


def test_khalti_expires_a_link_with_a_400_that_is_read_all_the_same(street: tuple[Companies, Stage]) -> None:
    made, stage = street
    gateway = khalti(made)
    opened = intent(8).opened(gateway.open(intent(8)))
    stage.clock.advance(3601)
    assert gateway.look(opened) == Outcome(Paid.FAILED, reason="expired")


def test_a_pidx_khalti_does_not_know_is_unknown(street: tuple[Companies, Stage]) -> None:
    assert khalti(street[0]).look(replace(intent(9), gateway_ref="nobody's")).paid is Paid.UNKNOWN


def test_an_intent_that_was_never_opened_at_khalti_was_not_paid(street: tuple[Companies, Stage]) -> None:
    assert khalti(street[0]).look(intent(10)).paid is Paid.FAILED


VECTOR = Esewa("f", "s", "EPAYTEST", "8gBm/:&EnhH.1/q", lambda _, __: BACK)
"""eSewa's own published test merchant."""


def test_esewas_published_request_signature_is_ours() -> None:
    fields = {"total_amount": "110", "transaction_uuid": "241028", "product_code": "EPAYTEST"}
    signed = VECTOR.signature(fields, "total_amount,transaction_uuid,product_code")
    assert signed == "i94zsd3oXF6ZsSr/kGqT4sSzYQzjj1W/waxjWyRwaME="


def told(**changes: Any) -> dict[str, Any]:
    """eSewa's published answer, changed."""
    return {
        "transaction_code": "000AWEO",
        "status": "COMPLETE",
        "total_amount": "1000.0",
        "transaction_uuid": "250610-162413",
        "product_code": "EPAYTEST",
        "signed_field_names": TOLD_FIELDS,
        "signature": "62GcfZTmVkzhtUeh+QJ1AqiJrjoWWGof3U+eTPTZ7fA=",
        **changes,
    }


def data(said: Any) -> str:
    return base64.b64encode(json.dumps(said).encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        data(told()),
        data(told()).rstrip("="),
        data(told()).replace("+", " "),
        base64.urlsafe_b64encode(json.dumps(told()).encode()).decode(),
        base64.b64encode(json.dumps(told()).replace('"1000.0"', "1000.0").encode()).decode(),
    ],
)
def test_esewas_published_answer_is_believed_however_it_arrives(text: str) -> None:
    assert VECTOR.heard({"data": text}).order_ref == "250610-162413"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%%%",
        "e30=",
        "W10=",
        data([]),
        data(told(total_amount="1,000.0")),
        data(told(total_amount="1000")),
        data(told(transaction_uuid="250610-162414")),
        data(told(status="COMPLETED")),
        data(told(signature="")),
        data(told(signed_field_names="status", signature=VECTOR.signature({"status": "COMPLETE"}, "status"))),
        data({name: value for name, value in told().items() if name != "signature"}),
        "💸",
    ],
)
def test_anything_else_is_forged(text: str) -> None:
    with pytest.raises(Problem, match="webhook_forged"):
        VECTOR.heard({"data": text})


def test_another_merchants_signed_answer_is_forged() -> None:
    theirs = told(product_code="OTHER")
    theirs["signature"] = VECTOR.signature(theirs, TOLD_FIELDS)
    with pytest.raises(Problem, match="webhook_forged"):
        VECTOR.heard({"data": data(theirs)})


@pytest.mark.parametrize(("paisa", "text"), [(11_000, "110"), (11_050, "110.50"), (1_001, "10.01"), (100, "1")])
def test_rupees_are_the_very_text_that_is_signed(paisa: int, text: str) -> None:
    assert rupees(paisa) == text
    assert paisa_of(text) == paisa


@pytest.mark.parametrize(
    ("said", "paisa"),
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
def test_amounts_are_read_as_esewa_writes_them(said: Any, paisa: int | None) -> None:
    assert paisa_of(said) == paisa


def test_the_form_posts_all_eleven_fields_and_none_is_empty(street: tuple[Companies, Stage]) -> None:
    checkout: Checkout = esewa(street[0]).open(intent(11))
    assert len(checkout.form_fields) == 11
    assert all(checkout.form_fields.values())
    assert checkout.method == "POST"
