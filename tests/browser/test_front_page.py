"""The sandbox's page in a browser: what it loads, the names of its controls, its clock and its page of the API."""

import re
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.text.days import KATHMANDU
from infra.local.page.chromium import Browser
from tests.browser.front_page import FROM_ELSEWHERE, choose, fill, opened, press
from tests.sandbox.conftest import RunningSandbox

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default::ResourceWarning")]
PHONE_WIDTH = 390
FOCUSED = "return document.activeElement.name"
STATUS_OF_THE_TRIED_CALL = (
    "return document.querySelector('.live-responses-table tbody .response-col_status').textContent"
)

NO_ACTIVE_RENTAL = """
    const send = window.fetch;
    const answer = { success: true, data: null };
    let count = 0;
    window.fetch = (path, options) => {
        if (path !== "/api/rentals/active") return send(path, options);
        count += 1;
        if (count > 1) document.body.dataset.asked = "again";
        return Promise.resolve(Response.json(answer));
    };
"""


def test_the_page_asks_nothing_elsewhere_and_fits_a_phones_screen(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    opened(browser, running_sandbox)
    with browser.screen(PHONE_WIDTH):
        for tab in ("operator", "inbox", "faults", "books", "help"):
            browser.click(f"#tab-{tab}")
            browser.wait_for(f"[role=tabpanel][aria-labelledby=tab-{tab}]")
            assert browser.run("return document.documentElement.scrollWidth") <= PHONE_WIDTH, tab
    assert browser.run(FROM_ELSEWHERE) == []
    assert browser.complaints() == []


def test_every_control_has_a_name(running_sandbox: RunningSandbox, browser: Browser) -> None:
    opened(browser, running_sandbox)
    nameless = browser.run(
        "return [...document.querySelectorAll('button, a, input, select, svg[role=img], img')].filter(item =>"
        " !(item.getAttribute('aria-label') || item.alt || item.textContent.trim() || item.labels?.length))"
        ".map(item => item.outerHTML.slice(0, 120))"
    )
    assert nameless == []


def test_the_clock_is_turned_to_a_time_in_steps(running_sandbox: RunningSandbox, browser: Browser) -> None:
    opened(browser, running_sandbox)
    later = datetime.fromisoformat(running_sandbox.sandbox.get("/clock")["now"]) + timedelta(minutes=7)
    browser.click(".row summary")
    fill(browser, "to", f"{later.astimezone(KATHMANDU):%Y-%m-%dT%H:%M}")
    choose(browser, "step", "300")
    press(browser, "advance-to")
    browser.wait_for(".did[role=status]")
    ran, ended = re.findall(r"\d+", str(browser.run("return document.querySelector('.did').textContent")))
    assert int(ran) > 2  # the most frequent schedules ran at each step
    assert int(ended) >= 0
    assert later - timedelta(minutes=1) < datetime.fromisoformat(running_sandbox.sandbox.get("/clock")["now"])
    assert browser.complaints() == []


def test_a_rental_that_began_after_the_answer_about_the_active_one_is_not_the_last_one(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    customer = running_sandbox.customer()
    running_sandbox.rent(customer, running_sandbox.station())
    opened(browser, running_sandbox, customer)
    browser.run(NO_ACTIVE_RENTAL)
    running_sandbox.sandbox.advance(minutes=1)
    browser.wait_for("body[data-asked=again]")
    browser.wait_for(".rental[data-status=active]")
    assert browser.run("return document.querySelectorAll('.phone small a, button[name=scan]').length") == 0


def press_and_load_anew(browser: Browser, name: str) -> None:
    """Press a button that asks first and after which the page is loaded anew, and wait for that."""
    browser.run("document.body.dataset.before = 1")
    press(browser, name, f"yes-{name}")
    browser.wait_for("body:not([data-before]) select[name=chosen]")


def test_a_snapshot_a_reset_and_a_restore_by_presses(running_sandbox: RunningSandbox, browser: Browser) -> None:
    running_sandbox.newcomer()
    opened(browser, running_sandbox)
    people = running_sandbox.sandbox.get("/people")
    fill(browser, "snapshot", "by-presses")
    press(browser, "take")
    browser.wait_for("select[name=chosen] option[value=by-presses]")
    press(browser, "reset")
    browser.click("dialog:modal button[name=no]")
    browser.wait_until_gone("dialog:modal")
    assert browser.run(FOCUSED) == "reset"
    assert running_sandbox.sandbox.get("/people") == people
    press_and_load_anew(browser, "reset")
    assert len(running_sandbox.sandbox.get("/people")) < len(people)
    choose(browser, "chosen", "by-presses")
    press_and_load_anew(browser, "restore")
    assert running_sandbox.sandbox.get("/people") == people
    running_sandbox.sandbox.delete("/snapshots/by-presses")
    assert browser.complaints() == []


def test_a_call_of_the_api_is_tried_with_the_phones_token(running_sandbox: RunningSandbox, browser: Browser) -> None:
    opened(browser, running_sandbox)
    browser.click("#tab-api")
    with browser.inside("iframe.api"):
        browser.wait_for("#operations-tag-Wallet")
    token = running_sandbox.newcomer().api.token
    sign_in = "localStorage.setItem('bijuli.phone', JSON.stringify({ token: arguments[0] }))"
    for kept, lock in ((token, "locked"), (None, "unlocked"), (token, "locked")):
        browser.run(sign_in, kept)
        with browser.inside("iframe.api"):
            browser.wait_for(f".auth-wrapper .authorize.{lock}")
    browser.go(f"{running_sandbox.sandbox.url}/docs#/Wallet/get_user_wallet")
    browser.click("#operations-Wallet-get_user_wallet .try-out button")
    browser.click("#operations-Wallet-get_user_wallet button.execute")
    browser.wait_for(".live-responses-table .response-col_status")
    assert browser.run(STATUS_OF_THE_TRIED_CALL) == "200"
    assert browser.run(FROM_ELSEWHERE) == []
    # Swagger UI warns of links to operations, whose names have underscores
    assert [line for line in browser.complaints() if "Deprecated: escaping deep link" not in line] == []


def test_a_return_without_power_is_found_by_the_cabinets_next_report(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    customer, station = running_sandbox.customer(), running_sandbox.station()
    running_sandbox.rent(customer, station)
    running_sandbox.sandbox.advance(minutes=10)
    opened(browser, running_sandbox, customer)
    card = f".station[data-sn='{station['sn']}']"
    browser.click(f"{card} button[name=stand]")
    choose(browser, "via", "power_off")
    press(browser, "return")
    browser.click(f"{card} button[name=report]")
    browser.wait_until_gone(".rental")
    assert running_sandbox.books_balance()
    assert browser.complaints() == []
