"""What gateways and returning browsers may do: point at a payment. Nothing they say is believed."""

import base64
import hashlib
import itertools
import json
import re
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app import app
from chalicelib import wiring
from chalicelib.domain.payment_gateway import PaymentState, PaymentStatus
from chalicelib.services import outbox
from chalicelib.services.topups import crediting
from tests.builders import account
from tests.http_client import Reply, request
from tests.network import Network
from tests.real_tables import all_rows
from tests.tokens import token_of

KHALTI, ESEWA, STRIPE = (f"/api/payment/webhook/{name}" for name in ("khalti", "esewa", "stripe"))
SIGNED = {"Stripe-Signature": "signed"}
APP = "bijuli://topup"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class TopUp:
    """A customer with 1,000 rupees who opened a top-up of 500 by each gateway."""

    network: Network
    user_id: str
    khalti: str
    esewa: str
    stripe: str

    @property
    def pidx(self) -> str:
        return f"ref-{self.khalti}-1"

    @property
    def signed(self) -> str:
        return f"signed:{self.esewa}-1"

    def event(self, name: str = "evt_1", **about: Any) -> dict[str, Any]:
        return {"id": name, "order_ref": f"{self.stripe}-1", **about}

    def waiting(self) -> list[str]:
        """The payments that are to be looked up."""
        return [body["intent_id"] for body in self.network.fake_world.queues.take(outbox.PAYMENT_EVENTS)]

    def hear_everything(self) -> None:
        """The consumer does its work, whatever was not sent included."""
        self.network.deliver_messages()


@pytest.fixture
def top_up(network: Network) -> TopUp:
    return TopUp(network, *network.remembered("three top-ups", lambda: opened_by(network)))


def opened_by(network: Network) -> tuple[str, str, str, str]:
    """A customer, and an intent at each gateway."""
    user = network.customer()
    token = token_of(network, user)

    def opened(method: str) -> str:
        order = {"amount": "500", "payment_method": method, "return_url": APP}
        intent_id: str = request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token).data[
            "intent_id"
        ]
        return intent_id

    return user, opened("khalti"), opened("esewa"), opened("stripe")


def called(path: str, body: Any) -> Reply:
    return request(app, "POST", path, body)


@pytest.mark.parametrize("how", ["JSON", "form", "browser"])
def test_a_khalti_callback_queues_a_check_of_its_payment(how: str, top_up: TopUp) -> None:
    if how == "JSON":
        reply = called(KHALTI, {"pidx": top_up.pidx, "status": "Completed", "amount": 50_000, "extra": {"a": [1]}})
    elif how == "form":
        reply = request(app, "POST", KHALTI, raw=f"pidx={top_up.pidx}&status=Completed".encode(), headers=FORM)
    else:
        reply = request(app, "GET", f"{KHALTI}?pidx={top_up.pidx}&status=Completed&purchase_order_id=x")
    assert reply.status == (303 if how == "browser" else 200)
    assert how == "browser" or reply.data == {"received": True}
    assert top_up.waiting() == [top_up.khalti]
    assert account(top_up.user_id).wallet_paisa == 100_000


@pytest.mark.parametrize("how", ["JSON", "form", "browser"])
def test_an_esewa_callback_queues_a_check_of_its_payment(how: str, top_up: TopUp) -> None:
    if how == "JSON":
        reply = called(ESEWA, {"data": top_up.signed})
    elif how == "form":
        reply = request(app, "POST", ESEWA, raw=f"data={top_up.signed}".encode(), headers=FORM)
    else:
        reply = request(app, "GET", f"{ESEWA}?data={top_up.signed}")
    assert reply.status == (303 if how == "browser" else 200)
    assert top_up.waiting() == [top_up.esewa]


def test_status_and_amount_of_a_callback_are_not_trusted(top_up: TopUp) -> None:
    called(KHALTI, {"pidx": top_up.pidx, "status": "Completed", "total_amount": 99_999_900, "transaction_id": "t"})
    for intent_id in top_up.waiting():
        crediting.handle_payment_event(top_up.network.world, top_up.user_id, intent_id)
    assert account(top_up.user_id).wallet_paisa == 100_000
    top_up.network.fake_world.khalti.payment_status = PaymentStatus(PaymentState.PAID, "real", 50_000)
    for _ in range(3):
        called(KHALTI, {"pidx": top_up.pidx, "status": "User canceled"})
    top_up.hear_everything()
    assert account(top_up.user_id).wallet_paisa == 150_000
    assert top_up.network.books_balance()


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (KHALTI, {}, "not_found"),
        (KHALTI, {"pidx": ""}, "not_found"),
        (KHALTI, {"pidx": "unknown"}, "not_found"),
        (KHALTI, {"pidx": "x" * 5000}, "not_found"),
        (KHALTI, {"pidx": ["a", "b"]}, "not_found"),
        (KHALTI, {"data": "signed:something"}, "not_found"),
        (ESEWA, {}, "webhook_forged"),
        (ESEWA, {"data": ""}, "webhook_forged"),
        (ESEWA, {"data": "forged"}, "webhook_forged"),
        (ESEWA, {"data": "signed:"}, "not_found"),
        (ESEWA, {"data": "signed:unknown-1"}, "not_found"),
        (ESEWA, {"data": "signed:" + "x" * 5000 + "-1"}, "not_found"),
    ],
)
def test_a_callback_about_no_payment_changes_nothing(
    path: str, body: dict[str, Any], code: str, top_up: TopUp
) -> None:
    before = all_rows()
    reply = called(path, body)
    assert reply.status == (404 if code == "not_found" else 400)
    assert reply.code == code
    assert top_up.waiting() == []
    assert all_rows() == before


def test_a_payment_of_one_gateway_is_not_found_at_another(top_up: TopUp) -> None:
    assert called(ESEWA, {"data": f"signed:{top_up.khalti}-1"}).code == "not_found"
    assert called(KHALTI, {"pidx": f"ref-{top_up.esewa}-1"}).code == "not_found"
    assert top_up.waiting() == []


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


def test_a_callback_is_not_lost_while_the_queue_is_down(top_up: TopUp) -> None:
    top_up.network.fake_world.queues.unavailable = True
    for reply in (called(KHALTI, {"pidx": top_up.pidx}), called(ESEWA, {"data": top_up.signed})):
        assert reply.status == 200
    assert top_up.waiting() == []
    top_up.network.fake_world.queues.unavailable = False
    top_up.network.fake_world.clock.advance(minutes=2)
    assert outbox.sweep(top_up.network.world) == 2
    assert sorted(top_up.waiting()) == sorted([top_up.khalti, top_up.esewa])


@pytest.mark.parametrize("path", [KHALTI, ESEWA, STRIPE])
@pytest.mark.parametrize(
    ("raw", "kind"), [(b"{", "application/json"), (b"<a/>", "text/xml"), (b" " * 300_000, "application/json")]
)
def test_an_unreadable_callback_is_refused(path: str, raw: bytes, kind: str, top_up: TopUp) -> None:
    reply = request(app, "POST", path, raw=raw, headers={"Content-Type": kind})
    assert reply.status in (400, 413, 415)
    assert top_up.waiting() == []


def test_a_stripe_event_and_a_return_queue_a_check_of_their_payment(top_up: TopUp) -> None:
    reply = request(app, "POST", STRIPE, top_up.event(), headers=SIGNED)
    assert (reply.status, reply.data) == (200, {"received": True})
    back = request(app, "GET", f"{STRIPE}?order_ref={top_up.stripe}-1&outcome=success")
    assert (back.status, back.headers["Location"]) == (303, f"{APP}?intent_id={top_up.stripe}")
    assert top_up.waiting() == [top_up.stripe] * 2
    assert account(top_up.user_id).wallet_paisa == 100_000


@pytest.mark.parametrize("headers", [{}, {"Stripe-Signature": ""}, {"Stripe-Signature": "forged"}])
def test_an_unsigned_event_is_forged_and_changes_nothing(headers: dict[str, str], top_up: TopUp) -> None:
    before = all_rows()
    reply = request(app, "POST", STRIPE, top_up.event(), headers=headers)
    assert (reply.status, reply.code) == (400, "webhook_forged")
    assert all_rows() == before
    assert top_up.waiting() == []


@pytest.mark.parametrize("about", [{"order_ref": None}, {"order_ref": "nobodys-1"}, {"order_ref": "x" * 5000}])
def test_a_signed_event_about_no_payment_of_ours_changes_nothing(about: dict[str, Any], top_up: TopUp) -> None:
    before = all_rows()
    reply = request(app, "POST", STRIPE, top_up.event(**about), headers=SIGNED)
    assert reply.status == 200
    assert all_rows() == before


def test_a_return_from_stripe_without_a_payment_is_not_found(top_up: TopUp) -> None:
    for query in ("", "?order_ref=", "?order_ref=nobodys-1", "?outcome=success", f"?order_ref={top_up.khalti}-1"):
        assert request(app, "GET", f"{STRIPE}{query}").code == "not_found"
    assert top_up.waiting() == []


@pytest.mark.long
def test_the_same_event_a_thousand_times_is_stored_and_queued_once(top_up: TopUp) -> None:
    request(app, "POST", STRIPE, top_up.event(), headers=SIGNED)
    before = all_rows()
    for _ in range(1000):
        reply = request(app, "POST", STRIPE, top_up.event(), headers=SIGNED, checked=False)
        assert reply.status == 200
    assert all_rows() == before
    assert top_up.waiting() == [top_up.stripe]


def test_events_in_any_order_credit_once(top_up: TopUp) -> None:
    network, token = top_up.network, token_of(top_up.network, top_up.user_id)
    names = ("payment_intent.succeeded", "checkout.session.completed", "charge.refunded")
    for number, order in enumerate(itertools.permutations(names), start=1):
        params = {"amount": "500", "payment_method": "stripe"}
        top_up.stripe = request(app, "POST", "/api/payment/wallet/topup-intent", params, token=token).data[
            "intent_id"
        ]
        network.fake_world.stripe.payment_status = PaymentStatus(PaymentState.PAID, f"pi_{number}", 50_000)
        for name in order:
            for _ in range(2):
                request(app, "POST", STRIPE, top_up.event(f"{name}{number}"), headers=SIGNED, checked=False)
        news = network.fake_world.queues.take(outbox.PAYMENT_EVENTS)
        assert len(news) == len(names)
        for body in [*news, *reversed(news)]:
            crediting.handle_payment_event(network.world, body["user_id"], body["intent_id"], body["message_id"])
        assert account(top_up.user_id).wallet_paisa == 100_000 + number * 50_000
    assert network.books_balance()


def test_no_personal_data_of_a_callback_is_stored(top_up: TopUp) -> None:
    request(app, "POST", STRIPE, top_up.event(customer={"phone": "9841999001"}), headers=SIGNED)
    called(KHALTI, {"pidx": top_up.pidx, "mobile": "9841999001", "status": "Completed"})
    kept = json.dumps({table: rows for table, rows in all_rows().items() if "webhooks" in table})
    assert kept.count("digest") == 2
    assert "9841999001" not in kept


def test_a_replayed_reference_credits_only_its_own_top_up(top_up: TopUp) -> None:
    """A replayed pidx, data or session names its own top-up, whatever else is said beside it."""
    network = top_up.network
    for gateway, intent_id in (("khalti", top_up.khalti), ("esewa", top_up.esewa), ("stripe", top_up.stripe)):
        fake = getattr(network.fake_world, gateway)
        fake.payment_status = PaymentStatus(PaymentState.UNPAID)
        fake.payment_statuses[intent_id] = PaymentStatus(PaymentState.PAID, f"paid-{gateway}", 50_000)
    token = token_of(network, top_up.user_id)
    order = {"amount": "500", "payment_method": "khalti"}
    other = request(app, "POST", "/api/payment/wallet/topup-intent", order, token=token).data["intent_id"]
    called(KHALTI, {"pidx": top_up.pidx, "purchase_order_id": f"{other}-1", "intent_id": other})
    called(ESEWA, {"data": top_up.signed, "intent_id": other})
    request(app, "GET", f"{STRIPE}?order_ref={top_up.stripe}-1&session_id=cs_1&intent_id={other}")
    replay = {"intent_id": other, "pidx": top_up.pidx, "data": top_up.signed, "transaction_id": "paid-khalti"}
    assert request(app, "POST", "/api/payment/verify-topup", replay, token=token).data["status"] == "pending"
    top_up.hear_everything()
    assert account(top_up.user_id).wallet_paisa == 100_000 + 3 * 50_000
    assert request(app, "GET", f"/api/payment/status/{other}", token=token).data["status"] == "pending"
    assert network.books_balance()


def test_a_gateway_that_is_not_configured_is_not_found(top_up: TopUp) -> None:
    world = top_up.network.world
    gateways = {name: one for name, one in world.gateways.items() if name != "stripe"}
    wiring.use_world(replace(world, gateways=gateways))
    assert request(app, "POST", STRIPE, top_up.event(), headers=SIGNED).code == "not_found"
    assert request(app, "GET", f"{STRIPE}?order_ref={top_up.stripe}-1").code == "not_found"
    listed = request(app, "GET", "/api/payment/methods").data["results"]
    assert [item["id"] for item in listed] == ["khalti", "esewa"]


def test_a_doubled_parameter_is_refused(top_up: TopUp) -> None:
    assert request(app, "GET", f"{KHALTI}?pidx={top_up.pidx}&pidx=other").code == "invalid_input"
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
