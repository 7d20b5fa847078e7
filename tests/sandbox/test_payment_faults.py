"""Faulty gateways and fraud: each payment is credited once or never."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.local.client import Api, Sandbox
from infra.local.customer import Customer
from tests.sandbox.conftest import RunningSandbox

GATEWAYS = ["khalti", "esewa", "stripe"]


def opened(customer: Customer, gateway: str = "khalti", amount: str = "200.00") -> str:
    order = {"amount": amount, "payment_method": gateway}
    return str(customer.api.post("/api/payment/wallet/topup-intent", order, want=201)["intent_id"])


def pay(
    running_sandbox: RunningSandbox, gateway: str, intent_id: str, outcome: str = "success", callback: Any = "never"
) -> None:
    running_sandbox.sandbox.post(f"/gateways/{gateway}/{intent_id}/pay", {"outcome": outcome, "callback": callback})
    running_sandbox.sandbox.drain()


def status(customer: Customer, intent_id: str) -> Any:
    return customer.api.get(f"/api/payment/status/{intent_id}")


def balance(customer: Customer) -> str:
    return str(customer.wallet()["balance"])


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_doubled_callback_credits_once(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    intent_id = opened(customer, gateway)
    pay(running_sandbox, gateway, intent_id, callback="twice")
    assert status(customer, intent_id)["status"] == "success"
    customer.api.post("/api/payment/verify-topup", {"intent_id": intent_id})
    assert balance(customer) == "200.00"
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_missing_callback_is_replaced_by_the_sweep(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    intent_id = opened(customer, gateway)
    pay(running_sandbox, gateway, intent_id, callback="never")
    assert status(customer, intent_id)["status"] == "pending"
    running_sandbox.sandbox.advance(seconds=130)
    assert status(customer, intent_id)["status"] == "success"
    assert balance(customer) == "200.00"
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_forged_callback_credits_nothing(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    intent_id = opened(customer, gateway)
    pay(running_sandbox, gateway, intent_id, outcome="pending", callback="forged")
    assert status(customer, intent_id)["status"] == "pending"
    assert balance(customer) == "0.00"
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_different_amount_needs_review_and_credits_nothing(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    intent_id = opened(customer, gateway)
    pay(running_sandbox, gateway, intent_id, outcome="wrong_amount", callback="once")
    assert status(customer, intent_id)["status"] == "disputed"
    assert balance(customer) == "0.00"
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_money_after_a_cancel_is_credited(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    intent_id = opened(customer, gateway)
    pay(running_sandbox, gateway, intent_id, outcome="pending")
    assert customer.api.post(f"/api/payment/cancel/{intent_id}")["status"] == "cancelled"
    pay(running_sandbox, gateway, intent_id, callback="once")
    assert status(customer, intent_id)["status"] == "success"
    assert balance(customer) == "200.00"
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_money_after_the_intents_expiry_is_credited(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    intent_id = opened(customer, gateway)
    pay(running_sandbox, gateway, intent_id, outcome="pending")
    running_sandbox.sandbox.advance(minutes=31)
    customer.refresh()
    answer = status(customer, intent_id)
    assert (answer["status"], answer["reason"]) == ("failed", "expired")
    pay(running_sandbox, gateway, intent_id, callback="once")
    assert status(customer, intent_id)["status"] == "success"
    assert balance(customer) == "200.00"
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_one_payment_credits_no_second_top_up(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    paid, unpaid = opened(customer, gateway), opened(customer, gateway)
    pay(running_sandbox, gateway, paid, callback="once")
    replayed = {"intent_id": unpaid, "pidx": paid, "data": paid, "transaction_id": paid, "status": "Completed"}
    assert customer.api.post("/api/payment/verify-topup", replayed)["status"] == "pending"
    running_sandbox.sandbox.advance(seconds=130)
    assert status(customer, unpaid)["status"] == "pending"
    assert balance(customer) == "200.00"
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_concurrent_callback_verify_poll_and_sweep_credit_once(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    intent_id = opened(customer, gateway)
    pay(running_sandbox, gateway, intent_id, outcome="pending")
    running_sandbox.sandbox.advance(seconds=130)
    checks = [
        lambda: Api(running_sandbox.api_url, customer.api.token).post(
            "/api/payment/verify-topup", {"intent_id": intent_id}
        ),
        lambda: Api(running_sandbox.api_url, customer.api.token).get(f"/api/payment/status/{intent_id}"),
        lambda: Sandbox(running_sandbox.sandbox.url).post("/schedules/sweep_intents/run"),
    ] * 4
    with ThreadPoolExecutor(len(checks) + 1) as crowd:
        order = {"outcome": "success", "callback": "twice"}
        outcome = crowd.submit(
            Sandbox(running_sandbox.sandbox.url).post, f"/gateways/{gateway}/{intent_id}/pay", order
        )
        for check in [crowd.submit(ask) for ask in checks]:
            check.result()
        assert set(outcome.result()["callback_statuses"]) <= {200, 303}
    running_sandbox.sandbox.drain()
    assert status(customer, intent_id)["status"] == "success"
    assert balance(customer) == "200.00"
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_an_unavailable_gateway_is_asked_again(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    intent_id = opened(customer, gateway)
    pay(running_sandbox, gateway, intent_id)
    with running_sandbox.outage(gateway, status=502):
        assert customer.api.post("/api/payment/verify-topup", {"intent_id": intent_id})["status"] == "pending"
    running_sandbox.sandbox.advance(seconds=130)
    assert status(customer, intent_id)["status"] == "success"
    assert balance(customer) == "200.00"
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_a_status_that_stays_unknown_goes_to_review(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    intent_id = opened(customer, gateway)
    pay(running_sandbox, gateway, intent_id, outcome="pending")
    running_sandbox.sandbox.advance(hours=73)
    operator = running_sandbox.operator()
    (in_review,) = [item for item in operator.get("/api/admin/intents")["intents"] if item["id"] == intent_id]
    assert in_review["reason"] == "unresolved"
    pay(running_sandbox, gateway, intent_id)
    order = {"action": "recheck", "note": "the gateway has answered by telephone"}
    resolved = operator.post(f"/api/admin/intents/{intent_id}/resolve", order)
    assert (resolved["status"], resolved["gateway_status"]["status"]) == ("SUCCESS", "PAID")
    customer.refresh()
    assert balance(customer) == "200.00"
    assert running_sandbox.books_balance()


def test_an_empty_callback_credits_nothing(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    intent_id = opened(customer)
    for body in ({}, {"intent_id": intent_id}, {"pidx": ""}, {"pidx": intent_id}, {"status": "Completed"}):
        assert customer.api.call("POST", "/api/payment/webhook/khalti", body).status == 404
    assert customer.api.call("POST", "/api/payment/webhook/stripe", {}).code == "webhook_forged"
    assert customer.api.call("GET", "/api/payment/webhook/stripe").status == 404
    assert customer.api.call("GET", "/api/payment/webhook/khalti").status == 404
    for body in ({}, {"data": ""}, {"data": "e30="}, {"data": "💸"}):
        assert customer.api.call("POST", "/api/payment/webhook/esewa", body).code == "webhook_forged"
    running_sandbox.sandbox.drain()
    assert balance(customer) == "0.00"


def test_an_expired_form_at_esewa_needs_no_review(running_sandbox: RunningSandbox) -> None:
    customer = running_sandbox.customer(None)
    intent_id = opened(customer, "esewa")
    pay(running_sandbox, "esewa", intent_id, outcome="pending")
    running_sandbox.sandbox.advance(hours=73)
    assert intent_id not in [item["id"] for item in running_sandbox.operator().get("/api/admin/intents")["intents"]]
    customer.refresh()
    assert status(customer, intent_id)["reason"] == "expired"


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_an_unavailable_gateway_fails_the_checkout_clearly(running_sandbox: RunningSandbox, gateway: str) -> None:
    customer = running_sandbox.customer(None)
    order = {"amount": "200.00", "payment_method": gateway}
    with running_sandbox.outage(gateway, status=500):
        answer = customer.api.call("POST", "/api/payment/wallet/topup-intent", order)
    assert (answer.status, answer.code) == (503, "gateway_unavailable")
    assert "Retry-After" in answer.headers
    assert opened(customer, gateway)
    assert running_sandbox.books_balance()


def test_another_customers_intent_is_not_found(running_sandbox: RunningSandbox) -> None:
    owner, stranger = running_sandbox.customer(None), running_sandbox.customer(None)
    intent_id = opened(owner)
    pay(running_sandbox, "khalti", intent_id)
    assert stranger.api.call("POST", "/api/payment/verify-topup", {"intent_id": intent_id}).status == 404
    assert stranger.api.call("GET", f"/api/payment/status/{intent_id}").status == 404
    assert stranger.api.call("POST", f"/api/payment/cancel/{intent_id}", {}).status == 404
    assert balance(stranger) == "0.00"
