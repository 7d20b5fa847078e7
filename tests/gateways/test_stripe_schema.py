"""Our requests to Stripe, and the simulated Stripe's answers and events, fit the pinned library's classes."""

from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import stripe as library
from flask import Flask
from stripe.params import DisputeListParams, RefundCreateParams, RefundListParams
from stripe.params.checkout import SessionCreateParams, SessionListParams, SessionRetrieveParams

from chalicelib.domain.payments.payment_gateway import RefundRequest
from infra.local.companies.all_companies import Companies
from infra.local.gateways import stripe_dashboard, stripe_payments
from infra.local.gateways.stripe import SECRET_KEY
from infra.local.gateways.stripe_events import Events
from infra.local.gateways.stripe_objects import Session
from infra.local.gateways.stripe_wire import request_fields
from infra.local.simulation import Simulation
from tests.gateways.gateways_under_test import intent, stripe
from tests.gateways.stripe_schema import mistakes

OBJECTS = {
    "checkout.session": library.checkout.Session,
    "payment_intent": library.PaymentIntent,
    "charge": library.Charge,
    "refund": library.Refund,
    "dispute": library.Dispute,
}
PARAMS = {
    ("POST", "/v1/checkout/sessions"): SessionCreateParams,
    ("GET", "/v1/checkout/sessions"): SessionListParams,
    ("GET", "/v1/checkout/sessions/{id}"): SessionRetrieveParams,
    ("POST", "/v1/refunds"): RefundCreateParams,
    ("GET", "/v1/refunds"): RefundListParams,
    ("GET", "/v1/disputes"): DisputeListParams,
}


def object_mistakes(content: dict[str, Any]) -> list[str]:
    return mistakes(content, OBJECTS[content["object"]], content["object"])


def sent(companies_and_simulation: tuple[Companies, Simulation]) -> list[tuple[str, str, dict[str, Any]]]:
    """The requests that the simulated Stripe received: method, path and fields."""
    app = Flask("fields")
    bodies = []
    for call in companies_and_simulation[1].calls:
        if call.service == "stripe":
            path = call.path.removeprefix("/stripe")
            where = {"query_string": call.body} if call.method == "GET" else {"data": call.body}
            with app.test_request_context(method=call.method, **where):
                bodies.append((call.method, path, request_fields()))
    return bodies


def paid_and_refunded(companies_and_simulation: tuple[Companies, Simulation], number: int) -> str:
    """Make every request that our gateway can make. Returns the session's id."""
    companies, simulation = companies_and_simulation
    gateway = stripe(companies, simulation)
    order = intent(number)
    opened = order.with_checkout(gateway.create_checkout(order))
    companies.stripe.pay(opened.order_ref, "success", "never")
    paid = opened.credited(gateway.fetch_payment(opened), opened.created_at)
    gateway.refund(paid, RefundRequest(f"refund{number}", 12_345))
    gateway.fetch_refund(paid, RefundRequest(f"refund{number}", 12_345))
    companies.stripe.dispute(opened.order_ref, 1_000)
    gateway.fetch_payment(paid)
    gateway.list_payments(datetime(2020, 1, 1, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC))
    return str(opened.gateway_ref)


def test_each_of_our_requests_fits_the_librarys_parameters(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    session_id = paid_and_refunded(companies_and_simulation, 90)
    seen = set()
    for method, path, fields in sent(companies_and_simulation):
        key = (method, path.replace(session_id, "{id}"))
        if key in PARAMS:
            assert mistakes(fields, PARAMS[key], key[1], on_the_wire=True) == []
            seen.add(key)
    assert seen == PARAMS.keys()


def test_each_answer_fits_the_librarys_classes(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    session_id = paid_and_refunded(companies_and_simulation, 91)
    url = companies_and_simulation[0].environment()["BIJULI_STRIPE_API_URL"]

    def read(path: str) -> dict[str, Any]:
        answer = requests.get(f"{url}/v1/{path}", headers={"Authorization": f"Bearer {SECRET_KEY}"}, timeout=60)
        content: dict[str, Any] = answer.json()
        return content

    session = read(f"checkout/sessions/{session_id}?expand[]=payment_intent.latest_charge")
    payment = session["payment_intent"]
    refunds = read(f"refunds?payment_intent={payment['id']}")["data"]
    assert len(refunds) == 1
    for content in (session, payment, payment["latest_charge"], *refunds, read(f"payment_intents/{payment['id']}")):
        assert object_mistakes(content) == []


@pytest.mark.parametrize(
    ("outcomes", "kinds"),
    [
        (
            ["success"],
            {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed"}
            | {"charge.updated"},
        ),
        (["fail"], {"payment_intent.created", "charge.failed", "payment_intent.payment_failed"}),
        (
            ["pending", "success"],
            {"payment_intent.created", "charge.pending", "payment_intent.processing", "checkout.session.completed"}
            | {"charge.succeeded", "payment_intent.succeeded", "checkout.session.async_payment_succeeded"},
        ),
        (
            ["pending", "fail"],
            {"payment_intent.created", "charge.pending", "payment_intent.processing", "checkout.session.completed"}
            | {"charge.failed", "payment_intent.payment_failed", "checkout.session.async_payment_failed"},
        ),
        (["cancel"], set()),
    ],
)
def test_a_payment_brings_all_its_events_in_the_librarys_shape(outcomes: list[str], kinds: set[str]) -> None:
    events, session = Events(Simulation(), "http://127.0.0.1:9"), session_of(50_000)
    made = [event for outcome in outcomes for event in stripe_payments.settle(session, outcome, events)]
    assert {event["type"] for event in made} == kinds
    assert [mistakes_of_event(event) for event in made] == [[]] * len(made)


def test_refunds_by_the_desk_and_disputes_have_the_librarys_shape_and_no_metadata() -> None:
    events, session, at = Events(Simulation(), "http://127.0.0.1:9"), session_of(50_000), datetime.now(UTC)
    stripe_payments.settle(session, "success", events)
    made = [
        *stripe_dashboard.refund(session, 5_000, at, events),
        *stripe_dashboard.dispute(session, None, at, events),
    ]
    made += stripe_dashboard.end_dispute(session, "won", events)
    made += [
        *stripe_dashboard.dispute(session, 1_000, at, events),
        *stripe_dashboard.end_dispute(session, "lost", events),
    ]
    assert [mistakes_of_event(event) for event in made] == [[]] * len(made)
    assert {str(event["data"]["object"]["metadata"]) for event in made} == {"{}"}


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        ({"object": "refund", "amount": "100"}, "refund.amount"),
        ({"object": "refund", "status": "payed"}, None),
        ({"object": "charge", "paied": True}, "charge.paied: unknown"),
        ({"object": "checkout.session", "status": "closed"}, "checkout.session.status"),
        ({"object": "checkout.session", "metadata": {"a": 1}}, "checkout.session.metadata.a"),
    ],
)
def test_the_comparison_finds_mistakes(content: dict[str, Any], mistake: str | None) -> None:
    mistakes = object_mistakes(content)
    assert (not mistakes) if mistake is None else mistakes[0].startswith(mistake)


def session_of(paisa: int) -> Session:
    now = datetime.now(UTC)
    metadata = {"order_ref": "order"}
    return Session(
        "cs_test_1",
        "order",
        paisa,
        "https://a",
        now,
        "open",
        created=now,
        currency="npr",
        metadata=metadata,
        payment_metadata=metadata,
    )


def mistakes_of_event(event: dict[str, Any]) -> list[str]:
    envelope = {**event, "data": {"object": {}}}
    return [*mistakes(envelope, library.Event, event["type"]), *object_mistakes(event["data"]["object"])]
