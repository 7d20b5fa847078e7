"""A sandbox and browsers for these tests; without a Chromium there are none."""

from collections.abc import Iterator

import pytest

from infra.local.page.chromium import CHROMIUM, DRIVER, Browser, chromium
from tests.sandbox.conftest import running_sandbox, started_sandbox

__all__ = ["browser", "browser_without_scripts", "one_browser", "running_sandbox", "started_sandbox"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM is None or DRIVER is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="chromium and its driver are not here"))


@pytest.fixture(scope="session")
def one_browser() -> Iterator[Browser]:
    with chromium() as made:
        yield made


@pytest.fixture
def browser(one_browser: Browser) -> Browser:
    """The browser, which shows nothing, and remembers neither a language nor what the pages before complained of."""
    one_browser.forget_cookies()
    one_browser.go("about:blank")
    one_browser.complaints()
    return one_browser


@pytest.fixture(scope="session")
def browser_without_scripts() -> Iterator[Browser]:
    """A browser that runs no scripts."""
    with chromium(scripts=False) as made:
        yield made
