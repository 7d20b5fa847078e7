"""A customer's day on the sandbox's page by presses alone, in both languages, through every pay page and back."""

import re
from typing import Any

import pytest

from chalicelib.domain.configuration.settings import Settings
from infra.local.page.chromium import Browser
from tests.browser.arrivals import arrived, record_arrivals
from tests.browser.front_page import FROM_ELSEWHERE, choose, fill, opened, press
from tests.sandbox.conftest import RunningSandbox

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default::ResourceWarning")]
WORDS = {"en": ("Phone", "Register"), "ne": ("फोन", "दर्ता गर्नुहोस्")}
"""The heading of the phone and the button that registers."""
PAY = {"en": "Pay", "ne": "तिर्नुहोस्"}
BUTTON_THAT_PAYS = "return document.querySelector('button[value=success]').textContent"
OF_RENTAL = {"api", "command", "frame", "posting", "queue"}
LANES_OF_CALLS = (
    "return [...document.querySelectorAll('.line.call')].map(it => [it.parentNode.dataset.lane, it.innerText])"
)
EXTENDED = """
    return new Promise(done => {
        const isTold = () => document.querySelector(".feed").innerText.includes("extension:");
        const look = () => isTold() ? done() : setTimeout(look, 50);
        look();
    });
"""
INBOX = "return [...document.querySelectorAll('[role=tabpanel] tbody tr')].map(row => row.textContent)"
EJECT_BACKOFF_MINUTES = Settings().eject_failure_backoff_minutes
"""For this time after a failed eject the service chooses other power banks."""
HOSTILE = "<img src=x onerror=alert(1)>\"'"
POINTS_FAIL = ("AwardPoints dynamodb:PutItem", "AccessDenied")


def choose_language(browser: Browser, language: str) -> None:
    press(browser, language)
    browser.wait_for(f".phone[lang={language}]")
    heading, _ = WORDS[language]
    assert heading in browser.run("return document.querySelector('#phone-title').textContent")


def sign_in_with_the_code_of_the_inbox(browser: Browser) -> None:
    press(browser, "new-number")
    number = browser.run("return document.querySelector('input[name=number]').value")
    browser.click("#tab-inbox")
    fill(browser, "receiver", number)
    press(browser, "send-code")
    browser.wait_for("[role=tabpanel] tbody td:nth-child(4)")
    code = re.search(r"\d{6}(?!\d)", browser.run(INBOX)[0].partition(number)[2])
    assert code is not None
    fill(browser, "code", code[0])
    press(browser, "verify")


def register(browser: Browser, language: str) -> None:
    """Register, fill in the profile, send the papers, and have them approved at the operator's desk."""
    browser.wait_for("button[name=register]")
    assert browser.run("return document.querySelector('[name=register]').textContent") == WORDS[language][1]
    press(browser, "register", "save-profile", "send-papers")
    browser.click("#tab-operator")
    press(browser, "operator-sign-in", "approve-papers")
    browser.wait_for("button[name=scan]")


def top_up(browser: Browser, gateway: str, rupees: str, origin: str, language: str) -> None:
    """Pay on the gateway's page, and come back to the sandbox's; both speak the phone's language."""
    press(browser, f"amount-{rupees}", f"topup-{gateway}")
    with browser.newest_window():
        browser.wait_for_address(origin)
        browser.wait_for(f"html[lang={language}] button[value=success]")
        assert browser.run(BUTTON_THAT_PAYS) == PAY[language]
        browser.click("button[value=success]")
        browser.wait_for_address(f"{origin}/paid?intent_id=")
        browser.wait_for(f"html[lang={language}] #status")
    press(browser, "verify-topup")
    browser.wait_until_gone("button[name=verify-topup]")


def rent(browser: Browser) -> str:
    """Rent a power bank. Returns the rental's code."""
    press(browser, "scan")
    browser.wait_for(".rental[data-status=active]")
    return str(browser.run("return document.querySelector('.rental h3 a').textContent"))


def return_late_elsewhere_and_pay(browser: Browser, origin: str, language: str) -> None:
    press(browser, "extend")
    browser.run(EXTENDED)
    press(browser, "advance-86400")
    browser.wait_for(".rental .wrong")  # late
    browser.click(".station:not(.chosen):nth-of-type(2) button[name=stand]")
    press(browser, "return")
    browser.wait_for("button[name=pay-due]")
    top_up(browser, "stripe", "500", origin, language)
    press(browser, "pay-due")
    browser.wait_until_gone(".rental")


@pytest.mark.parametrize("language", ["en", "ne"])
def test_a_customers_day_by_presses_alone(language: str, running_sandbox: RunningSandbox, browser: Browser) -> None:
    opened(browser, running_sandbox)
    origin = running_sandbox.sandbox.url
    record_arrivals(browser)
    choose_language(browser, language)
    sign_in_with_the_code_of_the_inbox(browser)
    register(browser, language)
    top_up(browser, "khalti", "20", origin, language)
    code = rent(browser)
    browser.wait_for(f".feed [data-kind=frame][data-rental='{code}']")
    top_up(browser, "esewa", "20", origin, language)
    return_late_elsewhere_and_pay(browser, origin, language)
    press(browser, "audit")
    browser.wait_for(".good[role=status]")
    assert_the_feed_was_live(browser, running_sandbox, code)
    browser.click("#tab-books")
    browser.wait_for(".uplot canvas")
    assert "wallet" in browser.run("return document.querySelector('.u-legend').textContent")
    assert browser.run(FROM_ELSEWHERE) == []
    browser.go(f"{origin}/r/{code}")
    for lane in ("App", "Us", "Cabinet", "Money"):
        browser.wait_for(f"[data-lane={lane}] button")
    browser.wait_for("section strong")
    lanes = browser.run(LANES_OF_CALLS)
    assert {lane for lane, text in lanes if "alibaba_iot" in text} <= {"Cabinet"}
    assert "completed" in browser.text
    assert browser.run(FROM_ELSEWHERE) == []
    # a token that is too old gets 401: what remains would be scripts and the policy
    assert [line for line in browser.complaints() if "401 (Unauthorized)" not in line] == []


def assert_the_feed_was_live(browser: Browser, running_sandbox: RunningSandbox, code: str) -> None:
    """Each line of the rental came to the open page, in the order of its facts."""
    told: list[dict[str, Any]] = running_sandbox.sandbox.get(f"/events?rental={code}")
    assert {event["kind"] for event in told} >= OF_RENTAL
    browser.wait_for(f".feed [data-number='{told[-1]['number']}']")
    numbers = arrived(browser)
    assert {event["number"] for event in told if event["content"].get("method") != "GET"} <= set(numbers)
    assert numbers == sorted(numbers)


def test_a_jam_is_made_seen_and_repaired_by_a_remote_command(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    station = running_sandbox.station()
    customer = running_sandbox.customer()
    opened(browser, running_sandbox, customer)
    card = f".station[data-sn='{station['sn']}']"
    browser.click(f"{card} button[name=stand]")
    browser.click(f"{card} button[name=jam]")
    browser.wait_for(f"{card} button[name=jam][aria-pressed=true]")
    press(browser, "scan")
    browser.wait_for(".phone small a[href^='/r/']")
    browser.wait_for(".feed [data-kind=frame]:not([data-rental=''])")
    assert "verdict not_ejected" in browser.run("return document.querySelector('.feed').textContent")
    press(browser, "operator-sign-in")
    choose(browser, "cabinet", station["sn"])
    choose(browser, "command", "reboot")
    press(browser, "send-command")
    browser.wait_for(".answer[data-command=REBOOT]")
    browser.wait_for(f"{card} button[name=jam][aria-pressed=false]")
    running_sandbox.sandbox.advance(minutes=EJECT_BACKOFF_MINUTES)
    rent(browser)
    assert running_sandbox.books_balance()


def test_a_dead_letter_of_a_rental_is_looked_at_and_sent_again(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    customer = running_sandbox.customer()
    rental = running_sandbox.rent(customer, running_sandbox.station())
    running_sandbox.sandbox.advance(minutes=10)
    opened(browser, running_sandbox, customer)
    browser.click("#tab-faults")
    choose(browser, "service", "iam")
    path, refusal = POINTS_FAIL
    for name, value in (("code", refusal), ("path", path), ("times", "1000")):
        fill(browser, name, value)
    press(browser, "fail", "return")
    browser.wait_until_gone(".rental")
    running_sandbox.sandbox.drain()
    press(browser, "drain", "dead")
    browser.wait_for(f"[aria-label^='Dead letters'] a[href='/r/{rental['code']}']")
    before = customer.wallet()["points"]["current_points"]
    press(browser, "fail-no-more", "redrive")
    browser.wait_until_gone("button[name=redrive]")
    running_sandbox.sandbox.drain()
    assert customer.wallet()["points"]["current_points"] > before
    assert running_sandbox.books_balance()


@pytest.mark.parametrize("language", ["en", "ne"])
def test_a_faulty_powerbank_is_swapped_and_issues_are_reported(
    language: str, running_sandbox: RunningSandbox, browser: Browser
) -> None:
    station, customer = running_sandbox.station(), running_sandbox.customer()
    opened(browser, running_sandbox, customer)
    choose_language(browser, language)
    browser.click(f".station[data-sn='{station['sn']}'] button[name=stand]")
    code = rent(browser)
    first = customer.api.get("/api/rentals/active")
    browser.click(".rental summary")
    press(browser, "cancel")
    browser.wait_for("button[name=cancel] + [role=alert]")
    refusal = customer.api.call(
        "POST", f"/api/rentals/{first['id']}/cancel", {}, headers={"Accept-Language": language}
    )
    assert refusal.body["error"]["message"] in browser.text
    choose(browser, "rental-issue", "charging")  # swaps, and sets no power bank aside for other tests
    press(browser, "location", "report-rental")
    browser.wait_for(".rental .notice")
    press(browser, "return")
    browser.wait_until_gone(".rental .notice")
    browser.wait_for(".rental[data-status=active]")
    second = customer.api.get("/api/rentals/active")
    assert (second["code"], second["powerbank"]["sn"] != first["powerbank"]["sn"]) == (code, True)
    browser.click("details[name=station-problem] summary")
    choose(browser, "station-issue", "dirty")
    fill(browser, "station-details", HOSTILE)
    press(browser, "report-station")
    browser.wait_for("details[name=station-problem] .notice")
    assert customer.api.get("/api/stations/my-reports")["results"][0]["issue_type"] == "dirty"
    assert running_sandbox.books_balance()
