"""A customer pays in a browser: the gateway's page, the return to the app, and the credit."""

from typing import Any

import pytest

from infra.local.customer import Customer
from infra.local.page.chromium import Browser
from tests.sandbox.conftest import RunningSandbox

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default::ResourceWarning")]
APP = "http://localhost:3000/"
"""A return URL that the sandbox allows. Nothing listens there: the tests read the address only."""
GATEWAYS = ["khalti", "esewa", "stripe"]


def opened(customer: Customer, gateway: str) -> Any:
    order = {"amount": "200.00", "payment_method": gateway, "return_url": APP}
    return customer.api.post("/api/payment/wallet/topup-intent", order, want=201)


def status(customer: Customer, intent_id: str) -> str:
    return str(customer.api.get(f"/api/payment/status/{intent_id}")["status"])


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_payment_on_the_gateways_page_is_credited(
    gateway: str, running_sandbox: RunningSandbox, browser: Browser
) -> None:
    customer = running_sandbox.customer(None)
    intent = opened(customer, gateway)
    browser.go(intent["payment_url"])
    browser.wait_for("button[value=success]")
    assert "NPR 200.00" in browser.text
    browser.click("button[value=success]")
    assert browser.wait_for_address(APP) == f"{APP}?intent_id={intent['intent_id']}"
    running_sandbox.sandbox.drain()
    assert status(customer, intent["intent_id"]) == "success"
    assert customer.wallet()["balance"] == "200.00"
    assert running_sandbox.books_balance()


def test_without_an_address_of_its_own_an_app_finds_the_browser_on_the_sandboxs_page(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    customer = running_sandbox.customer(None)
    intent = customer.api.post(
        "/api/payment/wallet/topup-intent", {"amount": "200.00", "payment_method": "khalti"}, want=201
    )
    browser.go(intent["payment_url"])
    browser.click("button[value=success]")
    browser.wait_for_address(f"{running_sandbox.sandbox.url}/paid")
    assert intent["intent_id"] in browser.text
    running_sandbox.sandbox.drain()
    browser.go(f"{running_sandbox.sandbox.url}/paid?intent_id={intent['intent_id']}")
    assert "success" in browser.text
    browser.go(f"{running_sandbox.sandbox.url}/paid?intent_id=<script>")
    assert "unknown" in browser.text


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_cancelled_payment_on_the_gateways_page_credits_nothing(
    gateway: str, running_sandbox: RunningSandbox, browser: Browser
) -> None:
    customer = running_sandbox.customer(None)
    intent = opened(customer, gateway)
    browser.go(intent["payment_url"])
    browser.click("button[value=cancel]")
    # eSewa names no payment after a failure, so nothing tells which app it was
    back = f"{running_sandbox.sandbox.url}/paid" if gateway == "esewa" else APP
    assert browser.wait_for_address(back).startswith(back)
    running_sandbox.sandbox.drain()
    assert status(customer, intent["intent_id"]) in ("pending", "failed")
    assert customer.wallet()["balance"] == "0.00"
    assert running_sandbox.books_balance()


def test_a_declined_card_credits_nothing_until_another_is_used(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    customer = running_sandbox.customer(None)
    intent = opened(customer, "stripe")
    browser.go(intent["payment_url"])
    browser.click("button[value=fail]")
    browser.wait_for("[role=alert]")
    assert "declined" in browser.text
    running_sandbox.sandbox.drain()
    assert status(customer, intent["intent_id"]) == "pending"
    browser.go(intent["payment_url"])
    browser.click("button[value=success]")
    browser.wait_for_address(APP)
    running_sandbox.sandbox.drain()
    assert customer.wallet()["balance"] == "200.00"


def test_our_page_to_esewa_works_without_scripts_by_a_click(
    running_sandbox: RunningSandbox, browser_without_scripts: Browser
) -> None:
    customer = running_sandbox.customer(None)
    intent = opened(customer, "esewa")
    browser_without_scripts.go(intent["payment_url"])
    assert browser_without_scripts.address == intent["payment_url"]
    browser_without_scripts.click("button[type=submit]")
    browser_without_scripts.click("button[value=success]")
    browser_without_scripts.wait_until_gone("button[value=success]")
    assert browser_without_scripts.address.startswith(APP)
    running_sandbox.sandbox.drain()
    assert customer.wallet()["balance"] == "200.00"
    assert running_sandbox.books_balance()
