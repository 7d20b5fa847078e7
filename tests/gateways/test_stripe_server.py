"""The simulated Stripe rejects what the real one rejects, pages its lists, and signs valid events."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
import stripe as library
from flask import Flask, request

from infra.local.companies.all_companies import Companies
from infra.local.fault import Fault
from infra.local.gateways.stripe import SECRET_KEY
from infra.local.gateways.stripe_events import WEBHOOK_SECRET
from infra.local.ports import free_port
from infra.local.serving import Serving
from infra.local.simulation import Simulation
from tests.gateways.gateways_under_test import intent, stripe

ORDER = {
    "mode": "payment",
    "success_url": "https://api.example.com/back",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "npr",
    "line_items[0][price_data][unit_amount]": "50000",
    "line_items[0][price_data][product_data][name]": "Bijuli wallet",
}


def create_session(
    companies_and_simulation: tuple[Companies, Simulation], order: dict[str, str], **headers: str
) -> requests.Response:
    companies, simulation = companies_and_simulation
    ends = {"expires_at": str(int(simulation.clock.now().timestamp()) + 3600)}
    url = f"{companies.environment()['BIJULI_STRIPE_API_URL']}/v1/checkout/sessions"
    sent = {"Authorization": f"Bearer {SECRET_KEY}"} | {
        name.replace("_", "-"): item for name, item in headers.items()
    }
    return requests.post(url, data=ends | order, headers=sent, timeout=60)


def client(companies_and_simulation: tuple[Companies, Simulation]) -> Any:
    url = companies_and_simulation[0].environment()["BIJULI_STRIPE_API_URL"]
    library.enable_telemetry = False
    return library.StripeClient(SECRET_KEY, base_addresses={"api": url}, max_network_retries=0)


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer another", f"Basic {SECRET_KEY}"])
def test_stripe_rejects_a_request_without_the_key(
    authorization: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    refused = create_session(companies_and_simulation, ORDER, Authorization=authorization)
    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "invalid_request_error")


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"mode": ""}, "mode"),
        ({"success_url": ""}, "success_url"),
        ({"line_items[0][price_data][unit_amount]": "500.5"}, "unit_amount"),
        ({"expires_at": "1"}, "expires_at"),
        ({"expires_at": "99999999999"}, "expires_at"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_stripe_names_the_invalid_parameter(
    changed: dict[str, str], param: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    refused = create_session(companies_and_simulation, ORDER | changed)
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == param


def test_a_key_replays_its_response_and_rejects_another_request(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    ends = {"expires_at": str(int(companies_and_simulation[1].clock.now().timestamp()) + 3600)}
    first = create_session(companies_and_simulation, ORDER | ends, Idempotency_Key="one")
    again = create_session(companies_and_simulation, ORDER | ends, Idempotency_Key="one")
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = create_session(companies_and_simulation, ORDER | ends | {"mode": "setup"}, Idempotency_Key="one")
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    assert (
        create_session(companies_and_simulation, ORDER | ends, Idempotency_Key="two").json()["id"]
        != first.json()["id"]
    )


def test_lists_have_pages_and_bounds_of_creation_time(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    companies, simulation = companies_and_simulation
    gateway, names = stripe(companies, simulation), []
    since = int(simulation.clock.now().timestamp()) + 1
    simulation.clock.advance(2)
    for number in range(60, 67):
        checkout = gateway.create_checkout(_at(simulation, number))
        assert checkout.gateway_ref is not None
        companies.stripe.pay(checkout.gateway_ref, "success", "never")
        names.append(checkout.gateway_ref)
    until = int(simulation.clock.now().timestamp()) + 1
    simulation.clock.advance(2)
    gateway.create_checkout(_at(simulation, 67))
    v1 = client(companies_and_simulation).v1
    bounds = {"created": {"gte": since, "lt": until}, "limit": 3}
    sessions = [item.id for item in v1.checkout.sessions.list(bounds).auto_paging_iter()]
    assert sessions == names[::-1]
    assert len(list(v1.payment_intents.list(bounds).auto_paging_iter())) == 7
    first = v1.checkout.sessions.list(bounds)
    assert (len(first.data), first.has_more) == (3, True)


def _at(simulation: Simulation, number: int) -> Any:
    now = simulation.clock.now()
    return replace(intent(number), created_at=now, expires_at=now + timedelta(minutes=30))


def test_an_expired_session_can_not_be_paid(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    companies, simulation = companies_and_simulation
    opened = stripe(companies, simulation).create_checkout(_at(simulation, 70))
    v1 = client(companies_and_simulation).v1
    assert v1.checkout.sessions.expire(opened.gateway_ref).status == "expired"
    with pytest.raises(library.InvalidRequestError):
        v1.checkout.sessions.expire(opened.gateway_ref)
    with pytest.raises(ValueError, match="expired"):
        companies.stripe.pay(str(opened.gateway_ref), "success", "never")
    assert "expired" in requests.get(opened.payment_url, timeout=60).text


@pytest.fixture
def requests_received() -> Iterator[tuple[str, list[tuple[bytes, str]]]]:
    """A webhook that only records its requests."""
    posted_events: list[tuple[bytes, str]] = []
    app = Flask("listening")

    @app.post("/api/payment/webhook/stripe")
    def webhook() -> str:
        posted_events.append((request.get_data(), request.headers["Stripe-Signature"]))
        return "{}"

    serving = Serving(app).start()
    try:
        yield serving.url, posted_events
    finally:
        serving.stop()


def test_events_pass_the_signature_check_of_stripes_library(
    requests_received: tuple[str, list[tuple[bytes, str]]],
) -> None:
    api_url, posted_events = requests_received
    port, simulation = free_port(), Simulation()
    companies = Companies(simulation, f"http://127.0.0.1:{port}", api_url)
    app = Flask("companies")
    for blueprint in companies.blueprints:
        app.register_blueprint(blueprint)
    serving = Serving(app, port).start()
    try:
        gateway = stripe(companies, simulation)
        checkout = gateway.create_checkout(intent(71))
        assert companies.stripe.pay(str(checkout.gateway_ref), "success", "twice") == [200, 200]
        other = gateway.create_checkout(intent(72))
        companies.stripe.pay(str(other.gateway_ref), "success", "forged")
    finally:
        serving.stop()
    whole = [(body, proof) for body, proof in posted_events if b'"checkout.session.completed"' in body]
    (first, signature), (second, _), (third, forged) = whole
    assert len(posted_events) == 5 + 5 + 1
    event = client((companies, simulation)).construct_event(first, signature, WEBHOOK_SECRET)
    assert (event.type, event.data.object["id"]) == ("checkout.session.completed", checkout.gateway_ref)
    assert first == second
    callback = gateway.parse_callback({"stripe-signature": signature}, first)
    assert callback.order_ref == intent(71).order_ref
    with pytest.raises(library.SignatureVerificationError):
        client((companies, simulation)).construct_event(third, forged, WEBHOOK_SECRET)


def test_concurrent_requests_with_one_key_make_one_refund(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    companies, simulation = companies_and_simulation
    opened = stripe(companies, simulation).create_checkout(_at(simulation, 73))
    companies.stripe.pay(str(opened.gateway_ref), "success", "never")
    v1 = client(companies_and_simulation).v1
    payment = v1.checkout.sessions.retrieve(str(opened.gateway_ref)).payment_intent

    def refund(_: int) -> str:
        try:
            order = {"payment_intent": payment, "amount": 100}
            return str(v1.refunds.create(order, {"idempotency_key": "at once"}).id)
        except library.StripeError as error:
            return str(error.http_status)

    with ThreadPoolExecutor(8) as crowd:
        posted_events = set(crowd.map(refund, range(8)))
    assert len(posted_events - {"409"}) == 1
    assert len(v1.refunds.list({"payment_intent": payment}).data) == 1


def test_an_executed_key_keeps_its_500(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    companies, simulation = companies_and_simulation
    opened = stripe(companies, simulation).create_checkout(_at(simulation, 74))
    companies.stripe.pay(str(opened.gateway_ref), "success", "never")
    v1 = client(companies_and_simulation).v1
    payment = v1.checkout.sessions.retrieve(str(opened.gateway_ref)).payment_intent
    simulation.faults["stripe"] = Fault(1, status=500, effect=True)
    order, options = {"payment_intent": payment, "amount": 100}, {"idempotency_key": "kept"}
    for _ in range(2):
        with pytest.raises(library.APIError) as failed:
            v1.refunds.create(order, options)
        assert failed.value.http_status == 500
    assert len(v1.refunds.list({"payment_intent": payment}).data) == 1


def test_an_executed_refusal_is_kept_and_an_invalid_request_is_not(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    companies, simulation = companies_and_simulation
    opened = stripe(companies, simulation).create_checkout(_at(simulation, 75))
    companies.stripe.pay(str(opened.gateway_ref), "success", "never")
    v1 = client(companies_and_simulation).v1
    payment = v1.checkout.sessions.retrieve(str(opened.gateway_ref)).payment_intent
    order, options = {"payment_intent": payment, "amount": 60_000}, {"idempotency_key": "too much"}
    for _ in range(2):
        with pytest.raises(library.InvalidRequestError) as refused:
            v1.refunds.create(order, options)
        assert refused.value.param == "amount"
    assert (refused.value.headers or {})["Idempotent-Replayed"] == "true"
