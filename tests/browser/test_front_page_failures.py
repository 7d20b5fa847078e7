"""What may go wrong on the sandbox's page: two presses at once, two tabs, a blocked customer, hostile texts."""

from typing import Any

import pytest

from infra.local.client import Api
from infra.local.page.chromium import Browser
from tests.browser.front_page import choose, fill, opened, press
from tests.sandbox.conftest import RunningSandbox

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default::ResourceWarning")]
HOSTILE = "<img src=x onerror=alert(1)>\"'"
RIGHT_TO_LEFT = "\u202e"
SCAN_TWICE = "const scan = document.querySelector('[name=scan]'); scan.focus(); scan.click(); scan.click();"
STARTS = "return performance.getEntriesByType('resource').filter(one => one.name.endsWith('/rentals/start')).length"


def test_two_presses_at_once_start_one_rental_and_the_focus_stays_near(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    station = running_sandbox.station()
    opened(browser, running_sandbox, running_sandbox.customer())
    browser.click(f".station[data-sn='{station['sn']}'] button[name=stand]")
    browser.wait_for("button[name=scan]")
    browser.run(SCAN_TWICE)
    browser.wait_for(".rental[data-status=active]")
    browser.wait_for(".phone:focus")
    assert browser.run(STARTS) == 1
    assert browser.complaints() == []


def test_two_tabs_have_one_customer_whose_token_is_renewed_once(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    customer = running_sandbox.newcomer()
    opened(browser, running_sandbox, customer)
    browser.wait_for("button[name=save-profile]")
    browser.run("open('/')")
    with browser.newest_window():
        browser.wait_for("button[name=save-profile]")
        running_sandbox.sandbox.advance(hours=3)  # the access token is too old for both
        press(browser, "save-profile")
        browser.wait_for("button[name=send-papers]")
    browser.wait_for("button[name=send-papers]")
    browser.run("open('/')")
    with browser.newest_window():
        press(browser, "sign-out")
        browser.wait_for("input[name=number]")
    browser.wait_for("input[name=number]")


def test_a_blocked_customer_sees_the_reason_and_signs_out(running_sandbox: RunningSandbox, browser: Browser) -> None:
    customer, operator = running_sandbox.newcomer(), running_sandbox.operator()
    opened(browser, running_sandbox, customer)
    browser.wait_for("button[name=save-profile]")
    path = f"/api/admin/users/{customer.api.get('/api/auth/me')['id']}/status"
    operator.call("PATCH", path, {"status": "banned", "reason": HOSTILE})
    browser.wait_for(".unread[role=alert]")
    assert "Your account is blocked" in browser.text
    opened(browser, running_sandbox, customer)
    press(browser, "sign-out")
    browser.wait_for("input[name=number]")
    browser.wait_until_gone(".unread")
    assert [line for line in browser.complaints() if "403 (Forbidden)" not in line] == []


def test_hostile_texts_are_shown_as_texts(running_sandbox: RunningSandbox, browser: Browser) -> None:
    operator, station = running_sandbox.operator(), running_sandbox.station()
    renamed(operator, station, HOSTILE + RIGHT_TO_LEFT)
    try:
        customer = running_sandbox.customer()
        newest = customer.api.get("/api/user/transactions?type=topup&status=success")["results"][0]
        customer.api.post(f"/api/payment/refund/{newest['id']}", {"reason": HOSTILE}, want=201)
        opened(browser, running_sandbox, customer)
        press(browser, "operator-sign-in")
        browser.wait_for("button[name=approve-refund]")
        choose(browser, "cabinet", station["sn"])
        choose(browser, "command", "wifi_connect")
        fill(browser, "ssid", HOSTILE)
        press(browser, "send-command")
        browser.wait_for(".answer[data-command=WIFI_CONNECT]")
        assert browser.text.count(HOSTILE) > 3
        assert browser.run("return document.querySelectorAll('img[src=x]').length") == 0
        assert browser.complaints() == []
    finally:
        renamed(operator, station, station["station_name"])


def renamed(operator: Api, station: dict[str, Any], name: str) -> None:
    operator.call("PATCH", f"/api/admin/stations/{station['sn']}", {"station_name": name})
    assert operator.get(f"/api/admin/stations/{station['sn']}")["station_name"] == name
