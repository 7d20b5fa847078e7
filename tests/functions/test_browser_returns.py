"""Browsers that return from a gateway, and the page that sends them there."""

import base64
import hashlib
import re

import pytest

from app import app
from tests.functions.callbacks import APP, ESEWA, KHALTI, STRIPE, TopUp
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of


@pytest.mark.parametrize("url", [f"{KHALTI}?pidx=unknown", KHALTI, f"{ESEWA}?data=forged"])
def test_a_returning_browser_without_a_payment_gets_a_problem(url: str, top_up: TopUp) -> None:
    reply = request(app, "GET", url)
    assert reply.status in (400, 404)
    assert "Location" not in reply.headers


def test_a_returning_browser_is_redirected_only_to_the_intents_address(top_up: TopUp) -> None:
    evil = "&return_url=https://evil.example.com&redirect=https://evil.example.com"
    reply = request(app, "GET", f"{KHALTI}?pidx={top_up.pidx}{evil}")
    assert (reply.status, reply.headers["Location"]) == (303, f"{APP}?intent_id={top_up.khalti}")
    assert reply.headers["Cache-Control"] == "no-store"
    failed = request(app, "GET", f"{ESEWA}?x=1{evil}")
    assert (failed.status, failed.headers["Location"]) == (303, APP)
    assert top_up.waiting() == [top_up.khalti]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com",
        f"{APP}.evil.example.com",
        f"{APP}@evil",
        f" {APP}x",
        "BIJULI://topup",
        "",
        "javascript:",
    ],
)
def test_a_return_address_off_the_list_is_refused_at_opening(url: str, network: Network) -> None:
    order = {"amount": "500", "payment_method": "khalti", "return_url": url}
    reply = request(
        app, "POST", "/api/payment/wallet/topup-intent", order, token=token_of(network, network.customer())
    )
    assert (reply.status, reply.code) == (422, "return_url_not_allowed")
    assert reply.body["error"]["details"] == {"allowed": [*network.world.urls.app_return_urls]}


def test_a_return_from_stripe_without_a_payment_is_not_found(top_up: TopUp) -> None:
    for query in ("", "?order_ref=", "?order_ref=nobodys-1", "?outcome=success", f"?order_ref={top_up.khalti}-1"):
        assert request(app, "GET", f"{STRIPE}{query}").code == "not_found"
    assert top_up.waiting() == []


def test_the_checkout_page_escapes_its_fields_and_limits_scripts(top_up: TopUp) -> None:
    reply = request(app, "GET", f"/api/payment/checkout/{top_up.esewa}")
    assert reply.headers["Content-Type"].startswith("text/html")
    assert reply.headers["Cache-Control"] == "no-store"
    assert 'value="signed"' in reply.text
    (script,) = re.findall("<script>(.*?)</script>", reply.text)
    proof = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = reply.headers["Content-Security-Policy"]
    assert f"script-src 'sha256-{proof}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert request(app, "GET", f"/api/payment/checkout/{top_up.khalti}").code == "not_found"
    top_up.network.fake_world.clock.advance(minutes=31)
    assert request(app, "GET", f"/api/payment/checkout/{top_up.esewa}").code == "not_found"
