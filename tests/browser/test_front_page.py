"""The sandbox's page in a browser: a customer's day by presses alone, and the page of that rental."""

import re
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.days import KATHMANDU
from infra.local.chromium import Browser
from tests.browser.front_page import choose, fill, opened, press
from tests.sandbox.conftest import RunningSandbox

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default::ResourceWarning")]
PHONE_WIDTH = 390
FROM_ELSEWHERE = (
    "return performance.getEntriesByType('resource').map(entry => entry.name)"
    ".filter(name => !name.startsWith(location.origin + '/') && !name.startsWith('data:'))"
)

STATUS_OF_THE_TRIED_CALL = (
    "return document.querySelector('.live-responses-table tbody .response-col_status').textContent"
)


def sign_up(browser: Browser) -> None:
    press(browser, "new-number", "send-code", "use-code", "verify", "register", "save-profile", "send-papers")
    press(browser, "operator-sign-in", "approve-papers")
    browser.wait_for("button[name=scan]")


def top_up(browser: Browser, gateway: str, rupees: str, origin: str) -> None:
    press(browser, f"amount-{rupees}", f"topup-{gateway}")
    with browser.newest_window():
        browser.wait_for_address(origin)
        browser.click("button[value=success]")
        browser.wait_until_gone("button[value=success]")
    press(browser, "verify-topup")
    browser.wait_until_gone("button[name=verify-topup]")


def rent(browser: Browser) -> str:
    """Rent a power bank. Returns the rental's code."""
    press(browser, "scan")
    browser.wait_for(".rental[data-status=active]")
    return str(browser.run("return document.querySelector('.rental h3 a').textContent"))


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


def test_a_customers_day_by_presses_alone(running_sandbox: RunningSandbox, browser: Browser) -> None:
    opened(browser, running_sandbox)
    origin = running_sandbox.sandbox.url
    sign_up(browser)
    top_up(browser, "khalti", "20", origin)
    code = rent(browser)
    browser.wait_for(f".feed [data-kind=frame][data-rental='{code}']")
    top_up(browser, "esewa", "20", origin)
    press(browser, "extend", "advance-86400")
    browser.wait_for(".rental .wrong")  # late
    browser.click(".station:not(.chosen):nth-of-type(2) button[name=stand]")
    press(browser, "return")
    browser.wait_for("button[name=pay-due]")
    top_up(browser, "stripe", "500", origin)
    press(browser, "pay-due")
    browser.wait_until_gone(".rental")
    press(browser, "audit")
    browser.wait_for(".good[role=status]")
    browser.go(f"{origin}/r/{code}")
    for lane in ("App", "Cabinet", "Money"):
        browser.wait_for(f"[data-lane={lane}] button")
    assert "completed" in browser.text
    # a token that is too old gets 401, and the pay pages have no icon: what remains would be scripts and the policy
    assert [line for line in browser.complaints() if "Failed to load resource" not in line] == []


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


def press_and_load_anew(browser: Browser, name: str) -> None:
    """Press a button after which the page is loaded anew, and wait for that."""
    browser.run("document.body.dataset.before = 1")
    press(browser, name)
    browser.wait_for("body:not([data-before]) select[name=chosen]")


def test_a_snapshot_a_reset_and_a_restore_by_presses(running_sandbox: RunningSandbox, browser: Browser) -> None:
    running_sandbox.newcomer()
    opened(browser, running_sandbox)
    people = running_sandbox.sandbox.get("/people")
    fill(browser, "snapshot", "by-presses")
    press(browser, "take")
    browser.wait_for("select[name=chosen] option[value=by-presses]")
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
