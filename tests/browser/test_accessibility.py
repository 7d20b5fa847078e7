"""axe-core finds nothing serious on any page of the sandbox, on a phone's screen and on a wide one."""

import pytest

from infra.local.page.chromium import Browser
from tests.browser.accessibility import VENDOR_SHA256, findings, hashes
from tests.browser.front_page import opened, press
from tests.sandbox.conftest import RunningSandbox

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default::ResourceWarning")]
PHONE, WIDE = 390, 1400
TABS = ("operator", "inbox", "faults", "api", "books", "help")
OPEN_ONE_OF_EACH_KIND = """
    const lines = new Map([...document.querySelectorAll(".feed li")].map((line) => [line.dataset.kind, line]));
    for (const line of lines.values()) line.querySelector("button").click();
"""
WIDTH_OF_PLOT_AFTER_TWO_FRAMES = """
    return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
        .then(() => document.querySelector('.uplot').getBoundingClientRect().width);
"""
GATEWAYS = ("khalti", "esewa", "stripe")


def look_at(browser: Browser, where: str, wrong: dict[str, list[str]]) -> None:
    """Look at the open page in both widths, and note what is wrong: also a page that is wider than the screen."""
    for width in (PHONE, WIDE):
        with browser.screen(width, mobile=width == PHONE):
            found = findings(browser)
            if browser.run("return document.documentElement.scrollWidth") > width:
                found.append("wider than the screen")
            if found:
                wrong[f"{where} at {width} px"] = found


def test_the_library_is_the_one_that_was_read() -> None:
    assert hashes() == VENDOR_SHA256


def test_axe_finds_nothing_on_any_tab_in_light_and_dark(running_sandbox: RunningSandbox, browser: Browser) -> None:
    customer = running_sandbox.customer()
    running_sandbox.rent(customer, running_sandbox.station())
    opened(browser, running_sandbox, customer)
    browser.wait_for(".rental[data-status=active]")
    press(browser, "operator-sign-in")
    wrong: dict[str, list[str]] = {}
    for tab in TABS:
        browser.click(f"#tab-{tab}")
        browser.wait_for(f"[role=tabpanel][aria-labelledby=tab-{tab}]")
        look_at(browser, tab, wrong)
    with browser.dark():
        look_at(browser, "dark", wrong)
    browser.run("document.querySelectorAll('.phone details').forEach(item => { item.open = true; })")
    press(browser, "ne", "cancel", "reset")
    browser.wait_for("dialog:modal")
    look_at(browser, "problems, in Nepali, and a question", wrong)
    browser.click("dialog:modal button[name=no]")
    assert ["409 (Conflict)" in line for line in browser.complaints()] == [True]
    browser.run(OPEN_ONE_OF_EACH_KIND)
    browser.wait_for("[data-kind=frame] .hex")
    press(browser, "sign-out")
    look_at(browser, "signed out", wrong)
    assert wrong == {}


def test_the_plot_of_money_fits_a_screen_that_becomes_narrow(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    opened(browser, running_sandbox, running_sandbox.customer())
    browser.click("#tab-books")
    browser.wait_for(".uplot canvas")
    with browser.screen(PHONE, mobile=True):
        assert browser.run("return document.documentElement.scrollWidth") <= PHONE
        assert browser.run(WIDTH_OF_PLOT_AFTER_TWO_FRAMES) <= PHONE


def test_axe_finds_nothing_on_the_pages_of_a_rental_of_problems_and_of_the_return_to_the_app(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    code = running_sandbox.rent(running_sandbox.customer(), running_sandbox.station())["code"]
    wrong: dict[str, list[str]] = {}
    for path, there in ((f"/r/{code}", "[data-lane=Money] button"), ("/problems", "td"), ("/paid", "#status")):
        browser.go(running_sandbox.sandbox.url + path)
        browser.wait_for(there)
        look_at(browser, path, wrong)
    assert wrong == {}


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_axe_finds_nothing_on_a_pay_page(gateway: str, running_sandbox: RunningSandbox, browser: Browser) -> None:
    order = {"amount": "200.00", "payment_method": gateway}
    customer = running_sandbox.customer(None)
    intent = customer.api.post("/api/payment/wallet/topup-intent", order, want=201)
    browser.go(intent["payment_url"])
    browser.wait_for("button[value=success]")
    wrong: dict[str, list[str]] = {}
    look_at(browser, "open", wrong)
    with browser.dark():
        look_at(browser, "open, dark", wrong)
    page = browser.address
    browser.click("button[value=success]")
    browser.wait_for("#status")
    payment = next(
        item for item in running_sandbox.sandbox.get("/payments") if item["intent_id"] == intent["intent_id"]
    )
    browser.go(f"{running_sandbox.sandbox.url}/esewa/pay/{payment['reference']}" if gateway == "esewa" else page)
    browser.wait_for("button[value=refund]")
    look_at(browser, "paid", wrong)
    assert wrong == {}
    assert browser.complaints() == []
