"""The operator's part of the sandbox's page in a browser: money, commands to a cabinet, and dead letters."""

from datetime import datetime, timedelta

import pytest

from infra.local.page.chromium import Browser
from tests.browser.front_page import choose, fill, opened, press
from tests.sandbox.conftest import RunningSandbox
from tests.sandbox.test_payment_faults import opened as opened_topup
from tests.sandbox.test_payment_faults import pay

BACKOFF_MINUTES = 2
"""After that the service asks a provider again that has failed."""
pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default::ResourceWarning")]


def test_a_topup_in_review_is_checked_again_closed_and_found_in_the_reconciliation(
    running_sandbox: RunningSandbox, browser: Browser
) -> None:
    intent_id = opened_topup(running_sandbox.customer(None), amount="100.00")
    pay(running_sandbox, "khalti", intent_id, outcome="wrong_amount", callback="once")
    opened(browser, running_sandbox)
    press(browser, "operator-sign-in", "recheck-intent")
    browser.wait_for(".reviews > [role=status]")
    assert "99.00" in browser.text
    press(browser, "close-intent")
    browser.wait_until_gone("button[name=close-intent]")
    running_sandbox.sandbox.advance(hours=25)
    choose(browser, "schedule", "reconcile")
    press(browser, "run-schedule", "open-report")
    browser.wait_for("[role=region][aria-label^='Lines of']")
    # the operator's token is too old after a day, and the page signs in again
    assert [line for line in browser.complaints() if "401 (Unauthorized)" not in line] == []


def test_an_operator_turns_the_pages_of_a_list(running_sandbox: RunningSandbox, browser: Browser) -> None:
    operator = running_sandbox.operator()
    today = datetime.fromisoformat(running_sandbox.sandbox.get("/clock")["now"]).date()
    for days in range(2, 10):  # reports of three gateways each
        operator.post(f"/api/admin/reconciliation/{today - timedelta(days=days)}", {}, want=202)
    opened(browser, running_sandbox)
    press(browser, "operator-sign-in", "next-page")
    browser.wait_for("button[name=next-page]:disabled")
    press(browser, "previous-page")
    browser.wait_for("button[name=previous-page]:disabled")
    assert browser.complaints() == []


def test_commands_are_answered_by_the_cabinet(running_sandbox: RunningSandbox, browser: Browser) -> None:
    running_sandbox.station()
    opened(browser, running_sandbox)
    press(browser, "operator-sign-in")
    for command in ("volume", "mode", "wifi_scan", "wifi_connect"):
        choose(browser, "command", command)
        press(browser, "send-command")
        browser.wait_for(f".answer[data-command={command.upper()}]")
    assert browser.complaints() == []


def test_a_dead_letter_is_looked_at_and_sent_again(running_sandbox: RunningSandbox, browser: Browser) -> None:
    running_sandbox.sandbox.advance(minutes=BACKOFF_MINUTES)
    opened(browser, running_sandbox)
    browser.click("#tab-faults")
    choose(browser, "service", "sparrow")
    fill(browser, "times", "1000")
    press(browser, "fail", "new-number", "send-code")
    browser.wait_for("button[name=verify]")
    running_sandbox.sandbox.drain()
    press(browser, "drain", "dead")
    browser.wait_for("[aria-label^='Dead letters'] pre")
    assert "otp" in browser.text
    press(browser, "fail-no-more", "redrive")
    browser.wait_until_gone("button[name=redrive]")
    press(browser, "use-code", "verify")
    browser.wait_for("button[name=register]")
    running_sandbox.sandbox.advance(minutes=BACKOFF_MINUTES)
