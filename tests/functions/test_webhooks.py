"""What gateways and returning browsers may do: point at a payment. Nothing they say is believed."""

from dataclasses import dataclass
from typing import Any

import pytest

from app import app
from chalicelib.domain.payment import Outcome, Paid
from chalicelib.services import crediting, messages
from tests.asking import Asked, ask
from tests.builders import account
from tests.doors import everything, token_of
from tests.street import Street

KHALTI, ESEWA = "/api/payment/webhook/khalti", "/api/payment/webhook/esewa"
APP = "bijuli://topup"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class TopUp:
    """A customer with 1,000 rupees who opened a top-up of 500 by each gateway."""

    street: Street
    user_id: str
    khalti: str
    esewa: str

    @property
    def pidx(self) -> str:
        return f"ref-{self.khalti}-1"

    @property
    def signed(self) -> str:
        return f"signed:{self.esewa}-1"

    def waiting(self) -> list[str]:
        """The payments that are to be looked up."""
        return [body["intent_id"] for body in self.street.scene.queues.take(messages.PAYMENT_NEWS)]


@pytest.fixture
def top_up(street: Street) -> TopUp:
    user = street.customer()
    token = token_of(street, user)

    def opened(method: str) -> str:
        order = {"amount": "500", "payment_method": method, "return_url": APP}
        intent_id: str = ask(app, "POST", "/api/payment/wallet/topup-intent", order, token=token).data["intent_id"]
        return intent_id

    return TopUp(street, user, opened("khalti"), opened("esewa"))


def called(path: str, body: Any) -> Asked:
    return ask(app, "POST", path, body)


@pytest.mark.parametrize("how", ["JSON", "form", "browser"])
def test_khalti_points_at_a_payment_and_it_is_looked_up_later(how: str, top_up: TopUp) -> None:
    if how == "JSON":
        answer = called(KHALTI, {"pidx": top_up.pidx, "status": "Completed", "amount": 50_000, "extra": {"a": [1]}})
    elif how == "form":
        answer = ask(app, "POST", KHALTI, raw=f"pidx={top_up.pidx}&status=Completed".encode(), headers=FORM)
    else:
        answer = ask(app, "GET", f"{KHALTI}?pidx={top_up.pidx}&status=Completed&purchase_order_id=x")
    assert answer.status == (303 if how == "browser" else 200)
    assert how == "browser" or answer.data == {"received": True}
    assert top_up.waiting() == [top_up.khalti]
    assert account(top_up.user_id).wallet_paisa == 100_000


@pytest.mark.parametrize("how", ["JSON", "form", "browser"])
def test_esewas_signed_data_points_at_a_payment(how: str, top_up: TopUp) -> None:
    if how == "JSON":
        answer = called(ESEWA, {"data": top_up.signed})
    elif how == "form":
        answer = ask(app, "POST", ESEWA, raw=f"data={top_up.signed}".encode(), headers=FORM)
    else:
        answer = ask(app, "GET", f"{ESEWA}?data={top_up.signed}")
    assert answer.status == (303 if how == "browser" else 200)
    assert top_up.waiting() == [top_up.esewa]


def test_what_a_callback_says_of_success_and_amount_is_not_believed(top_up: TopUp) -> None:
    called(KHALTI, {"pidx": top_up.pidx, "status": "Completed", "total_amount": 99_999_900, "transaction_id": "t"})
    for intent_id in top_up.waiting():
        crediting.hear_news(top_up.street.world, top_up.user_id, intent_id)
    assert account(top_up.user_id).wallet_paisa == 100_000
    top_up.street.scene.khalti.outcome = Outcome(Paid.PAID, "real", 50_000)
    for _ in range(3):
        called(KHALTI, {"pidx": top_up.pidx, "status": "User canceled"})
    for intent_id in top_up.waiting():
        crediting.hear_news(top_up.street.world, top_up.user_id, intent_id)
    assert account(top_up.user_id).wallet_paisa == 150_000
    assert top_up.street.books_balance()


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
def test_what_points_at_nothing_changes_nothing(path: str, body: dict[str, Any], code: str, top_up: TopUp) -> None:
    before = everything()
    answer = called(path, body)
    assert answer.status == (404 if code == "not_found" else 400)
    assert answer.code == code
    assert top_up.waiting() == []
    assert everything() == before


def test_a_payment_of_one_gateway_is_not_found_at_the_other(top_up: TopUp) -> None:
    assert called(ESEWA, {"data": f"signed:{top_up.khalti}-1"}).code == "not_found"
    assert called(KHALTI, {"pidx": f"ref-{top_up.esewa}-1"}).code == "not_found"
    assert top_up.waiting() == []


@pytest.mark.parametrize("url", [f"{KHALTI}?pidx=unknown", KHALTI, f"{ESEWA}?data=forged"])
def test_a_browser_with_nothing_true_in_its_hands_is_told_so(url: str, top_up: TopUp) -> None:
    answer = ask(app, "GET", url)
    assert answer.status in (400, 404)
    assert "Location" not in answer.headers


def test_a_browser_goes_back_to_the_address_it_came_from_and_to_no_other(top_up: TopUp) -> None:
    evil = "&return_url=https://evil.example.com&redirect=https://evil.example.com"
    answer = ask(app, "GET", f"{KHALTI}?pidx={top_up.pidx}{evil}")
    assert (answer.status, answer.headers["Location"]) == (303, f"{APP}?intent_id={top_up.khalti}")
    assert answer.headers["Cache-Control"] == "no-store"
    failed = ask(app, "GET", f"{ESEWA}?x=1{evil}")
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
def test_an_address_that_is_not_on_the_list_is_refused_at_the_start(url: str, street: Street) -> None:
    order = {"amount": "500", "payment_method": "khalti", "return_url": url}
    answer = ask(app, "POST", "/api/payment/wallet/topup-intent", order, token=token_of(street, street.customer()))
    assert (answer.status, answer.code) == (422, "return_url_not_allowed")


def test_a_callback_is_not_lost_while_our_queue_is_away(top_up: TopUp) -> None:
    top_up.street.scene.queues.away = True
    for answer in (called(KHALTI, {"pidx": top_up.pidx}), called(ESEWA, {"data": top_up.signed})):
        assert answer.status == 200
    assert top_up.waiting() == []
    top_up.street.scene.queues.away = False
    top_up.street.scene.clock.pass_(minutes=2)
    assert messages.sweep(top_up.street.world) == 2
    assert sorted(top_up.waiting()) == sorted([top_up.khalti, top_up.esewa])


@pytest.mark.parametrize("path", [KHALTI, ESEWA])
@pytest.mark.parametrize(
    ("raw", "kind"), [(b"{", "application/json"), (b"<a/>", "text/xml"), (b" " * 300_000, "application/json")]
)
def test_a_callback_that_cannot_be_read_is_refused(path: str, raw: bytes, kind: str, top_up: TopUp) -> None:
    answer = ask(app, "POST", path, raw=raw, headers={"Content-Type": kind})
    assert answer.status in (400, 413, 415)
    assert top_up.waiting() == []


def test_a_parameter_twice_is_refused(top_up: TopUp) -> None:
    assert ask(app, "GET", f"{KHALTI}?pidx={top_up.pidx}&pidx=other").code == "invalid_input"
    assert top_up.waiting() == []


def test_the_page_that_posts_to_esewa_holds_nothing_that_could_break_out(top_up: TopUp) -> None:
    answer = ask(app, "GET", f"/api/payment/checkout/{top_up.esewa}")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'value="signed"' in answer.text
    assert ask(app, "GET", f"/api/payment/checkout/{top_up.khalti}").code == "not_found"
    top_up.street.scene.clock.pass_(minutes=31)
    assert ask(app, "GET", f"/api/payment/checkout/{top_up.esewa}").code == "not_found"
