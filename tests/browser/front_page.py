"""What a person does on the sandbox's front page."""

import json

from infra.local.customer import Customer
from infra.local.page.chromium import Browser
from tests.sandbox.conftest import RunningSandbox

KEPT_PHONE = "localStorage.setItem('bijuli.phone', arguments[0])"
FROM_ELSEWHERE = (
    "return performance.getEntriesByType('resource').map(entry => entry.name)"
    ".filter(name => !name.startsWith(location.origin + '/') && !name.startsWith('data:'))"
)
SET_VALUE = """
    const field = document.querySelector(arguments[0]);
    field.value = arguments[1];
    field.dispatchEvent(new Event("input", { bubbles: true }));
"""


def press(browser: Browser, *names: str) -> None:
    """Press the buttons of these names, each as soon as it can be pressed."""
    for name in names:
        browser.click(f"button[name={name}]:enabled:not([aria-busy=true])")


def opened(browser: Browser, running_sandbox: RunningSandbox, customer: Customer | None = None) -> None:
    """Open the page as this customer, or as somebody who was never here."""
    browser.go(f"{running_sandbox.sandbox.url}/problems")
    browser.run("localStorage.clear()")
    if customer is not None:
        phone = {"number": customer.identifier, "token": customer.api.token, "refresh": customer.refresh_token}
        browser.run(KEPT_PHONE, json.dumps(phone))
    browser.complaints()
    browser.go(running_sandbox.sandbox.url)
    browser.wait_for(".station")


def choose(browser: Browser, name: str, value: str) -> None:
    """Choose an option of the selection of that name."""
    browser.choose(f"select[name={name}] option[value='{value}']")


def fill(browser: Browser, name: str, value: str) -> None:
    """Enter a text into the field of that name."""
    browser.wait_for(f"input[name={name}]")
    browser.run(SET_VALUE, f"input[name={name}]", value)
