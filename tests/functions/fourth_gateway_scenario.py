"""A fourth payment gateway from end to end, by our API alone. Run by test_gateway_registry.py, not by itself."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app import app
from chalicelib import config, wiring
from chalicelib.config import FIELDS, env_name
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import PaymentState, PaymentStatus
from chalicelib.gateways.aws_session import AwsSession
from chalicelib.services import outbox
from chalicelib.services.reconciliation import comparison
from chalicelib.services.refunds import payouts
from tests.functions.made_up_gateway import NAME, Payme
from tests.world.builders import operator_account
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of

AMOUNT_PAISA = 50_000


@pytest.fixture
def payme(network: Network) -> Payme:
    """The fourth gateway beside the other three."""
    gateway = Payme()
    network.world = replace(network.world, gateways={**network.world.gateways, NAME: gateway})
    wiring.use_world(network.world)
    return gateway


@pytest.fixture
def customer(network: Network) -> str:
    return token_of(network, network.customer(wallet_paisa=0))


@pytest.fixture
def operator(network: Network) -> str:
    return token_of(network, operator_account(network.world, "finance@example.com", "x", Role.FINANCE))


def data(method: str, path: str, token: str, body: Any = None) -> Any:
    reply = request(app, method, path, body, token=token)
    assert reply.status < 300, reply.text
    return reply.data


def opened(customer: str, amount: str = "500") -> dict[str, Any]:
    intent: dict[str, Any] = data(
        "POST", "/api/payment/wallet/topup-intent", customer, {"amount": amount, "payment_method": NAME}
    )
    return intent


def credited(network: Network, payme: Payme, customer: str) -> str:
    """A top-up that was paid, called back and credited. Returns its intent."""
    intent_id: str = opened(customer)["intent_id"]
    payme.payment_statuses[intent_id] = PaymentStatus(PaymentState.PAID, f"paid-{intent_id}", AMOUNT_PAISA)
    reply = request(app, "POST", f"/api/payment/webhook/{NAME}", {"order": payme.created[-1]})
    assert (reply.status, reply.data) == (200, {"received": True})
    network.deliver_messages()
    return intent_id


def test_its_limits_are_offered_and_held(payme: Payme, customer: str) -> None:
    methods = request(app, "GET", "/api/payment/methods").data["results"]
    shown = next(method for method in methods if method["id"] == NAME)
    assert (shown["name"], shown["min_amount"], shown["max_amount"]) == ("PayMe", "50.00", "2000.00")
    body = {"amount": "2000.01", "payment_method": NAME}
    reply = request(app, "POST", "/api/payment/wallet/topup-intent", body, token=customer)
    assert reply.code == "amount_out_of_range"


def test_its_form_is_posted_by_our_checkout_page(payme: Payme, customer: str) -> None:
    intent = opened(customer)
    page = request(app, "GET", f"/api/payment/checkout/{intent['intent_id']}")
    assert page.status == 200
    assert 'action="https://payme.example/pay"' in page.text
    assert f'value="{payme.created[0]}"' in page.text


def test_its_callback_credits_the_wallet(network: Network, payme: Payme, customer: str) -> None:
    intent_id = credited(network, payme, customer)
    assert data("GET", "/api/user/wallet", customer)["balance"] == "500.00"
    assert data("GET", f"/api/payment/status/{intent_id}", customer)["status"] == "success"
    assert network.books_balance()


def test_its_browser_return_leads_to_the_app(network: Network, payme: Payme, customer: str) -> None:
    intent_id = opened(customer)["intent_id"]
    assert request(app, "GET", f"/api/payment/checkout/{intent_id}").status == 200
    reply = request(app, "GET", f"/api/payment/webhook/{NAME}?order={payme.created[0]}")
    assert (reply.status, reply.headers["Location"]) == (303, f"bijuli://topup?intent_id={intent_id}")


def test_its_top_up_is_refunded_by_a_call(network: Network, payme: Payme, customer: str, operator: str) -> None:
    credited(network, payme, customer)
    (line,) = data("GET", "/api/user/transactions?type=topup", customer)["results"]
    refund = data("POST", f"/api/payment/refund/{line['id']}", customer, {"reason": "by mistake"})
    approved = data("POST", f"/api/admin/refunds/{refund['refund_id']}/approve", operator, {})
    assert (approved["refund_method"], approved["payment_method"]) == ("GATEWAY", "PAYME")
    for message in network.fake_world.queues.take(outbox.REFUNDS):
        payouts.deliver(network.world, message)
    assert [order.amount_paisa for order in payme.refunded] == [AMOUNT_PAISA]
    (refunded,) = data("GET", "/api/admin/refunds?status=processed", operator)["results"]
    assert refunded["id"] == refund["refund_id"]
    assert network.books_balance()


def test_its_day_is_reconciled_and_can_be_filtered(network: Network, payme: Payme, customer: str) -> None:
    intent_id = credited(network, payme, customer)
    day = network.world.now().date().isoformat()
    network.fake_world.clock.advance(days=1)
    comparison.run(network.world, lambda: 900.0)
    operator = token_of(network, operator_account(network.world, "night@example.com", "x", Role.FINANCE))
    lines = data("GET", f"/api/admin/reconciliation/{day}?gateway={NAME.upper()}", operator)["results"]
    assert [(line["intent_id"], line["gateway"], line["outcome"]) for line in lines] == [(intent_id, NAME, "MATCHED")]


def test_a_top_up_that_does_not_match_waits_for_an_operator(
    network: Network, payme: Payme, customer: str, operator: str
) -> None:
    intent_id = opened(customer)["intent_id"]
    payme.payment_statuses[intent_id] = PaymentStatus(PaymentState.PAID, "other", AMOUNT_PAISA - 100)
    data("POST", "/api/payment/verify-topup", customer, {"intent_id": intent_id})
    (waiting,) = data("GET", "/api/admin/intents", operator)["intents"]
    assert (waiting["id"], waiting["payment_method"], waiting["reason"]) == (intent_id, NAME, "wrong_amount")


def test_its_settings_come_from_the_environment() -> None:
    url = "https://something.example"
    environ = {env_name(field): url if field.endswith("_url") else "something" for field in FIELDS} | {
        "BIJULI_MAIL_SENDER": "no-reply@something.example",
        "BIJULI_TOKEN_KEYS": "k1:key",
        "BIJULI_IOT_SIGNATURE": "v3",
        "BIJULI_KHALTI_PARTIAL_REFUNDS": "by_hand",
        "BIJULI_STRIPE_CURRENCY": "npr",
    }
    del environ["BIJULI_PAYME_API_URL"]
    answer = config.read(environ, lambda _: "{}")
    gateway: Any = wiring.Gateways(answer, AwsSession(None), lambda: datetime.now(UTC)).payments()[NAME]
    assert gateway.account.settings == {"api_url": "https://payme.example", "key": "something"}
    assert gateway.account.return_url == f"https://something.example/api/payment/webhook/{NAME}"
    assert "payme_key" in config.SECRETS
