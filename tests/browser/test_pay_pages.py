"""A customer pays by browser: from the top-up to the gateway's page, back to the app, and into the wallet."""

from typing import Any

import pytest

from infra.local.customer import Customer
from tests.browser.chromium import Browser
from tests.sandbox.conftest import City

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default::ResourceWarning")]
APP = "http://localhost:3000/"
"""Allowed by the sandbox; nobody needs to listen there, for the address is what tells."""
GATEWAYS = ["khalti", "esewa", "stripe"]


def opened(customer: Customer, gateway: str) -> Any:
    order = {"amount": "200.00", "payment_method": gateway, "return_url": APP}
    return customer.api.post("/api/payment/wallet/topup-intent", order, want=201)


def status(customer: Customer, intent_id: str) -> str:
    return str(customer.api.get(f"/api/payment/status/{intent_id}")["status"])


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_who_pays_on_the_gateways_page_comes_back_to_a_fuller_wallet(
    gateway: str, city: City, browser: Browser
) -> None:
    customer = city.customer(None)
    intent = opened(customer, gateway)
    browser.go(intent["payment_url"])
    browser.see("button[value=success]")
    assert "NPR 200.00" in browser.text
    browser.press("button[value=success]")
    assert browser.arrive(APP) == f"{APP}?intent_id={intent['intent_id']}"
    city.sandbox.drain()
    assert status(customer, intent["intent_id"]) == "success"
    assert customer.wallet()["balance"] == "200.00"
    assert city.books_balance()


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_who_gives_up_on_the_gateways_page_comes_back_with_nothing_paid(
    gateway: str, city: City, browser: Browser
) -> None:
    customer = city.customer(None)
    intent = opened(customer, gateway)
    browser.go(intent["payment_url"])
    browser.press("button[value=cancel]")
    assert browser.arrive(APP).startswith(APP)
    city.sandbox.drain()
    assert status(customer, intent["intent_id"]) in ("pending", "failed")
    assert customer.wallet()["balance"] == "0.00"
    assert city.books_balance()


def test_a_card_that_was_declined_pays_nothing_until_another_is_tried(city: City, browser: Browser) -> None:
    customer = city.customer(None)
    intent = opened(customer, "stripe")
    browser.go(intent["payment_url"])
    browser.press("button[value=fail]")
    browser.see_go("button[value=fail]")
    assert "declined" in browser.text
    city.sandbox.drain()
    assert status(customer, intent["intent_id"]) == "pending"
    browser.go(intent["payment_url"])
    browser.press("button[value=success]")
    browser.arrive(APP)
    city.sandbox.drain()
    assert customer.wallet()["balance"] == "200.00"


def test_our_page_to_esewa_needs_no_scripts_but_then_a_hand(city: City, scriptless: Browser) -> None:
    customer = city.customer(None)
    intent = opened(customer, "esewa")
    scriptless.go(intent["payment_url"])
    assert scriptless.address == intent["payment_url"]
    scriptless.press("button[type=submit]")
    scriptless.press("button[value=success]")
    scriptless.see_go("button[value=success]")
    assert scriptless.address.startswith(APP)
    city.sandbox.drain()
    assert customer.wallet()["balance"] == "200.00"
    assert city.books_balance()
