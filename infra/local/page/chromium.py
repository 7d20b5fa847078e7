"""A headless Chromium, driven by the W3C WebDriver protocol that its chromedriver speaks."""

import shutil
import subprocess
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from infra.local.ports import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)
WAIT_MILLISECONDS = 60_000
"""How long an element or a script may take on a busy machine, where a day of the clock takes 20 s, and a page that
draws every operation of the API document runs no other script for 8 s."""
PAGE_TEXT = "return document.body.innerText"
TIMEOUT_SECONDS = 90
"""Longer than a wait for an element."""
MAX_CLICKS, REPLACED = 20, "stale element reference"
CLICK = """
const [element] = arguments;
element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
const { left, top, width, height } = element.getClientRects()[0] ?? new DOMRect();
const reached = document.elementFromPoint(left + width / 2, top + height / 2);
if (!element.contains(reached)) return `covered by ${reached?.outerHTML.slice(0, 200)}`;
element.focus({ preventScroll: true });
element.click();
return "";
"""
"""Clicks an element. Returns what covers it, or nothing."""
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The protocol's own name for a reference to an element."""


class BrowserError(Exception):
    """A step of the browser failed."""


class Browser:
    """One browser window. Each step waits for its element."""

    def __init__(self, session_url: str) -> None:
        self._url = session_url

    @property
    def address(self) -> str:
        return str(self._ask("GET", "/url"))

    @property
    def text(self) -> str:
        return str(self._ask("GET", f"/element/{self._find('body')}/text"))

    def go(self, url: str) -> None:
        self._ask("POST", "/url", {"url": url})

    def click(self, selector: str) -> None:
        """Wait for the element of the CSS selector, and click it where a pointer would reach it.

        The page itself clicks, between two of its changes. The driver sends a pointer to where the element was when
        it looked, and a page that grows meanwhile has another one there.
        """
        for _ in range(MAX_CLICKS):
            try:
                covered_by = self.run(CLICK, {ELEMENT: self._find(selector)})
            except BrowserError as error:
                if REPLACED not in str(error):
                    raise
                covered_by = REPLACED
            if not covered_by:
                return
        raise BrowserError(f"{selector} can't be clicked: {covered_by}")

    def choose(self, selector: str) -> None:
        """Wait for the option of the CSS selector, and choose it."""
        self._ask("POST", f"/element/{self._find(selector)}/click", {})

    def wait_for(self, selector: str) -> None:
        """Wait for the element."""
        self._find(selector)

    def wait_until_gone(self, selector: str) -> None:
        """Wait for a page without the element. A click returns before its page has loaded."""
        self._find(f"html:not(:has({selector}))")

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page. Returns what the script returns, or what its promise brings."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": [*arguments]})

    def have_focus(self) -> None:
        """The page has the focus, as the page of a person who uses it: elements in it can have it too."""
        self._command("Emulation.setFocusEmulationEnabled", enabled=True)

    def forget_cookies(self) -> None:
        self._command("Network.clearBrowserCookies")

    def complaints(self) -> list[str]:
        """What the page's console said since the last call: errors of scripts, failed requests, forbidden ones."""
        return [str(entry["message"]) for entry in self._ask("POST", "/se/log", {"type": "browser"})]

    @contextmanager
    def screen(self, width: int, height: int = 800, *, mobile: bool = True) -> Iterator[None]:
        """A screen of that size, which may be narrower than a window can be."""
        self._command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile
        )
        yield
        self._command("Emulation.clearDeviceMetricsOverride")

    @contextmanager
    def dark(self) -> Iterator[None]:
        """A person who prefers dark colours."""
        self._command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        yield
        self._command("Emulation.setEmulatedMedia", features=[])

    def picture(self, width: int, height: int) -> bytes:
        """The page from its top, as PNG; `height` may be more than the screen's."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        taken = self._command("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        return b64decode(taken["data"])

    @contextmanager
    def newest_window(self) -> Iterator[None]:
        """Act in the window that the page opened, and close it."""
        first, *_, newest = self._ask("GET", "/window/handles")
        self._ask("POST", "/window", {"handle": newest})
        yield
        self._ask("DELETE", "/window")
        self._ask("POST", "/window", {"handle": first})

    @contextmanager
    def inside(self, selector: str) -> Iterator[None]:
        """Act in the page that a frame shows."""
        self._ask("POST", "/frame", {"id": {ELEMENT: self._find(selector)}})
        yield
        self._ask("POST", "/frame", {"id": None})

    def wait_for_address(self, url: str) -> str:
        """Wait until the address begins with `url`. Returns the address."""
        script = (
            "let looks = 20; const [url, done] = arguments; const look = () =>"
            " location.href.startsWith(url) || --looks === 0 ? done() : setTimeout(look, 50); look();"
        )
        for _ in range(TIMEOUT_SECONDS):
            if self.address.startswith(url):
                return self.address
            # A second, or less where another page comes meanwhile and the script ends with its own.
            self._ask("POST", "/execute/async", {"script": script, "args": [url]}, may_fail=True)
        raise TimeoutError(f"{self.address} is not {url}")

    def _find(self, selector: str) -> str:
        """The id of the first element. Raises BrowserError with the page's text."""
        try:
            element = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        except BrowserError as error:
            raise BrowserError(f"{error} on a page that says: {self.run(PAGE_TEXT)}") from error
        return str(element[ELEMENT])

    def _command(self, name: str, **params: Any) -> Any:
        """A command of Chromium's own DevTools protocol, for what WebDriver has no words."""
        return self._ask("POST", "/goog/cdp/execute", {"cmd": name, "params": params})

    def _ask(self, method: str, path: str, value: Any = None, *, may_fail: bool = False) -> Any:
        return protocol_value(
            requests.request(method, self._url + path, json=value, timeout=TIMEOUT_SECONDS), may_fail=may_fail
        )


def protocol_value(answer: requests.Response, *, may_fail: bool = False) -> Any:
    """The protocol's `value`. Raises BrowserError with the driver's message."""
    value = answer.json()["value"]
    if answer.status_code != 200 and not may_fail:
        raise BrowserError(value)
    return value


@contextmanager
def chromium(*, scripts: bool = True) -> Iterator[Browser]:
    """A new browser, without scripts if asked, which is deleted with its profile at the end."""
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        log = (Path(profile) / "driver.log").open("wb")
        command = [str(DRIVER), f"--port={port}"]
        with log, subprocess.Popen(command, stdout=log, stderr=log) as process:  # noqa: S603  our own driver
            try:
                yield from _window(f"http://127.0.0.1:{port}", profile, scripts)
            finally:
                process.terminate()


def _window(driver_url: str, profile: str, scripts: bool) -> Iterator[Browser]:
    _must_listen(driver_url)
    flags = [
        *FLAGS,
        f"--user-data-dir={profile}/profile",
        *([] if scripts else ["--blink-settings=scriptEnabled=false"]),
    ]
    wanted = {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": CHROMIUM, "args": flags},
        "timeouts": {"implicit": WAIT_MILLISECONDS, "pageLoad": WAIT_MILLISECONDS, "script": WAIT_MILLISECONDS},
    }
    params = {"capabilities": {"alwaysMatch": wanted}}
    session = protocol_value(requests.post(f"{driver_url}/session", json=params, timeout=TIMEOUT_SECONDS))
    url = f"{driver_url}/session/{session['sessionId']}"
    try:
        browser = Browser(url)
        browser.have_focus()
        yield browser
    finally:
        requests.delete(url, timeout=TIMEOUT_SECONDS)


def _must_listen(driver_url: str) -> None:
    """Connecting is tried again until the driver listens."""
    with requests.Session() as session:
        retry = requests.adapters.Retry(connect=10, backoff_factor=0.05, status=0)
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
        if not protocol_value(session.get(f"{driver_url}/status", timeout=TIMEOUT_SECONDS))["ready"]:
            raise BrowserError("the driver is not ready")
