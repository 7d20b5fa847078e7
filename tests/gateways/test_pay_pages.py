"""The pay pages of the simulated gateways: what they show, what each press does, and what they refuse."""

import re
from dataclasses import dataclass
from datetime import timedelta
from html import escape

import pytest
import requests

from infra.local.companies.all_companies import Companies
from infra.local.gateways.payment_book import Payment
from infra.local.gateways.payment_outcomes import CALLBACKS, PAY_PAGE_TEXTS
from infra.local.page.html_pages import POLICY
from infra.local.simulation import Simulation
from tests.gateways.gateways_under_test import RETURN_URL, GatewayUnderTest, intent, real

Started = tuple[Companies, Simulation]
GATEWAYS = [*PAY_PAGE_TEXTS]
STATES = {
    "khalti": {"success": "Completed", "wrong_amount": "Completed", "success_by_bank": "Completed"}
    | {"pending": "Pending", "fail": "Initiated", "failed": "Failed", "cancel": "User canceled", "expire": "Expired"},
    "esewa": {"success": "COMPLETE", "wrong_amount": "COMPLETE", "pending": "PENDING", "fail": "CANCELED"}
    | {"cancel": "CANCELED", "expire": "NOT_FOUND"},
    "stripe": {"success": "paid", "wrong_amount": "paid", "pending": "processing", "fail": "open"}
    | {"cancel": "open", "expire": "expired"},
}
"""The state of a payment after each outcome, in the gateway's words."""
STAYS = {("esewa", "pending"), ("stripe", "fail")}
"""After these the browser stays at the gateway, as it does after each `expire`."""


@dataclass
class PayPage:
    """The page of a payment at a gateway."""

    pay_url: str
    url: str
    payment: Payment

    def text(self) -> str:
        return requests.get(self.url, timeout=60).text

    def press(self, **form: str) -> requests.Response:
        sent = {"reference": self.payment.reference} | form
        return requests.post(self.pay_url, data=sent, timeout=5, allow_redirects=False)


def opened(started: Started, name: str, number: int) -> PayPage:
    """The page of a new payment of Rs 500."""
    servers, simulation = started
    customer = GatewayUnderTest(real(servers, simulation, name), lambda *_: None, lambda: None)
    customer.opened(intent(number))
    payment = servers.gateways[name].payments()[-1]
    pay_url = f"{servers.environment()['BIJULI_STRIPE_API_URL'].removesuffix('stripe')}{name}/pay/"
    return PayPage(pay_url, f"{pay_url}{'?pidx=' if name == 'khalti' else ''}{payment.reference}", payment)


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_page_shows_order_amount_expiry_and_every_outcome_and_runs_nothing(
    name: str, companies_and_simulation: Started
) -> None:
    page = opened(companies_and_simulation, name, 1)
    answer = requests.get(page.url, timeout=60)
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert "script" not in POLICY
    assert "NPR 500.00" in answer.text
    assert page.payment.order_ref in answer.text
    assert re.search(r"<time datetime=[^>]*>\w{3} \d\d \w{3} \d\d:\d\d</time> \(in \d+ min\)", answer.text)
    assert {*re.findall(r'name="outcome" value="(\w+)"', answer.text)} == STATES[name].keys()
    assert re.findall(r'name="callback" value="(\w+)"', answer.text) == [*CALLBACKS]


@pytest.mark.parametrize("name", GATEWAYS)
def test_each_press_has_its_outcome_and_sends_the_browser_back(name: str, companies_and_simulation: Started) -> None:
    for number, (outcome, state) in enumerate(STATES[name].items(), 10):
        page = opened(companies_and_simulation, name, number)
        answer = page.press(outcome=outcome)
        shown = companies_and_simulation[0].gateways[name].shown(page.payment.reference)
        assert shown is not None
        assert shown.state == state, outcome
        if outcome == "expire" or (name, outcome) in STAYS:
            assert answer.status_code in (303, 402)
            assert answer.headers.get("Location", page.url) == page.url
        else:
            assert answer.headers["Location"].startswith(RETURN_URL)
        assert state in page.text()


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_payment_that_is_over_is_not_paid_again(name: str, companies_and_simulation: Started) -> None:
    page = opened(companies_and_simulation, name, 30)
    page.press(outcome="success", callback="never")
    again = page.press(outcome="fail")
    assert again.status_code == 409
    assert page.payment.paid_paisa == 50_000
    expired = opened(companies_and_simulation, name, 31)
    companies_and_simulation[1].clock.advance(timedelta(days=2).total_seconds())
    assert expired.press(outcome="success").status_code == 409
    assert expired.payment.paid_paisa == 0
    assert 'name="outcome"' not in expired.text()


@pytest.mark.parametrize("name", GATEWAYS)
def test_without_a_message_the_browser_stays(name: str, companies_and_simulation: Started) -> None:
    page = opened(companies_and_simulation, name, 40)
    sent = page.press(outcome="success", callback="never").headers["Location"]
    # Stripe's browser comes back whatever becomes of its events
    assert sent.startswith(RETURN_URL if name == "stripe" else page.url)
    assert companies_and_simulation[1].callbacks.listing() == []


@pytest.mark.parametrize("name", GATEWAYS)
def test_the_desk_gives_back_a_half_and_the_rest(name: str, companies_and_simulation: Started) -> None:
    page = opened(companies_and_simulation, name, 50)
    page.press(outcome="success", callback="never")
    for given in ("250.00", "500.00"):
        assert page.press(desk="half" if given == "250.00" else "refund").status_code == 303
        assert f"<dt>Given back</dt><dd>NPR {given}</dd>" in page.text()
    assert page.press(desk="refund").status_code == 409


@pytest.mark.parametrize("name", GATEWAYS)
@pytest.mark.parametrize(
    "form", [{}, {"outcome": "nonsense"}, {"outcome": "success", "callback": "x"}, {"desk": "x"}]
)
def test_a_press_that_no_page_offers_changes_nothing(
    name: str, form: dict[str, str], companies_and_simulation: Started
) -> None:
    page = opened(companies_and_simulation, name, 60 + len(str(form)))
    before = page.payment.state
    assert page.press(**form).status_code == 422
    assert page.press(reference="<script>", outcome="success").status_code == 404
    assert page.payment.state == before


@pytest.mark.parametrize("name", GATEWAYS)
def test_a_page_is_in_nepali_for_a_browser_that_asks_for_it(name: str, companies_and_simulation: Started) -> None:
    page, texts = opened(companies_and_simulation, name, 80), PAY_PAGE_TEXTS[name]
    joint = "&" if "?" in page.url else "?"
    ways: list[dict[str, str]] = [{"Accept-Language": "ne-NP,en;q=0.5"}, {"Cookie": "language=ne"}]
    shown = [requests.get(page.url, headers=headers, timeout=60).text for headers in ways]
    with requests.Session() as browser:
        shown.append(browser.get(f"{page.url}{joint}lang=ne", timeout=60).text)
        shown.append(browser.get(page.url, timeout=60).text)  # it stays so
        refused = browser.post(page.pay_url, data={"reference": page.payment.reference, "desk": "x"}, timeout=60)
        assert "यस्तो काम छैन।" in refused.text
        assert 'html lang="en"' in browser.get(f"{page.url}{joint}lang=en", timeout=60).text
    for text in shown:
        assert 'html lang="ne"' in text
        assert "रु ५००.००" in text
        for choice in (*texts.outcomes.values(), *CALLBACKS.values()):
            assert escape(choice.label.ne) in text
            assert escape(choice.meaning.ne) in text
            assert escape(choice.meaning.en) not in text


def test_a_page_shows_hostile_text_as_text(companies_and_simulation: Started) -> None:
    page = opened(companies_and_simulation, "khalti", 81)
    page.payment.order_ref = "<img src=x onerror=alert(1)>\"'"
    assert "<img" not in page.text()
    lost = requests.get(f"{page.pay_url}?pidx=<script>&lang=<script>", timeout=60)
    assert (lost.status_code, "<script>" in lost.text) == (404, False)
    assert "Set-Cookie" not in lost.headers
