"""Which lines of the feed came to the page while it was open, in the order in which they came."""

from infra.local.page.chromium import Browser

RECORD = """
    const numbers = () => [...document.querySelectorAll(".feed li")].map((line) => Number(line.dataset.number));
    const seen = new Set(numbers());
    window.arrivals = [];
    new MutationObserver(() => {
        for (const number of numbers().filter((one) => !seen.has(one)).reverse()) {
            seen.add(number);
            window.arrivals.push(number);
        }
    }).observe(document.querySelector(".feed"), { childList: true });
"""


def record_arrivals(browser: Browser) -> None:
    """From now on, record each line of the feed when it comes."""
    browser.wait_for(".feed li")
    browser.run(RECORD)


def arrived(browser: Browser) -> list[int]:
    """The numbers of the events whose lines came since the recording began, in the order of their coming."""
    return [int(number) for number in browser.run("return window.arrivals")]
