"""When the lines of the feed came to the page, measured by the times of their events."""

import time
from datetime import datetime
from typing import Any

from infra.local.page.chromium import Browser
from tests.sandbox.conftest import RunningSandbox

RECORD = """
    const numbers = () => [...document.querySelectorAll(".feed li")].map((line) => Number(line.dataset.number));
    const before = Math.max(0, ...numbers());
    window.arrivals = {};
    new MutationObserver(() => {
        for (const number of numbers()) if (number > before) window.arrivals[number] ??= Date.now();
    }).observe(document.querySelector(".feed"), { childList: true });
"""


def record_arrivals(browser: Browser) -> None:
    """From now on, record when each line of the feed is there."""
    browser.wait_for(".feed li")
    browser.run(RECORD)


def lags(browser: Browser, running_sandbox: RunningSandbox) -> dict[int, float]:
    """Seconds from each event to its line, by the event's number, of the lines since the recording began.

    The sandbox's clock is this machine's and an offset, which each event of the kind `clock` adds to.
    """
    arrived = {int(number): at / 1000 for number, at in browser.run("return window.arrivals").items()}
    events = _events(running_sandbox, min(arrived))
    now = datetime.fromisoformat(running_sandbox.sandbox.get("/clock")["now"]).timestamp()
    ahead = now - time.time()
    found: dict[int, float] = {}
    for event in reversed(events):
        if event["number"] in arrived:
            at = datetime.fromisoformat(event["at"]).timestamp()
            found[event["number"]] = arrived[event["number"]] - (at - ahead)
        if event["kind"] == "clock":
            ahead -= event["content"]["seconds"]
    return dict(sorted(found.items()))


def _events(running_sandbox: RunningSandbox, first: int) -> list[dict[str, Any]]:
    """All events from a number on, oldest first."""
    found: list[dict[str, Any]] = []
    while batch := running_sandbox.sandbox.get(f"/events?after={found[-1]['number'] if found else first - 1}"):
        found += batch
    return found
