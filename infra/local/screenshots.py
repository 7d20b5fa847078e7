"""`python -m infra.local.screenshots` takes the pictures of the sandbox's pages in docs/images (needs a Chromium)."""

import io
import json
import os
import sys
from pathlib import Path

from PIL import Image

from chalicelib import log
from infra.local.addresses import Addresses
from infra.local.client import Api
from infra.local.client import Sandbox as Control
from infra.local.customer import Customer, operator_at
from infra.local.options import SandboxOptions
from infra.local.page.chromium import CHROMIUM, DRIVER, Browser, chromium
from infra.local.ports import free_port
from infra.local.sandbox import Sandbox

IMAGES = Path(__file__).parents[2] / "docs" / "images"
WIDTH = 1400
SCREEN_HEIGHT, MAX_HEIGHT = 900, 1600
COLOURS = 256
"""A palette makes the file a third as large, and looks the same."""
LATE_HOURS = 3
PHONE = "+9779862099001"
BOTTOM = "return Math.ceil(document.querySelector('main').getBoundingClientRect().bottom)"
KEEP_PHONE = "localStorage.setItem('bijuli.phone', arguments[0])"


def main() -> int:
    """0, or 1 without a browser."""
    if CHROMIUM is None or DRIVER is None:
        print("chromium and chromedriver are needed", file=sys.stderr)
        return 1
    log.Output.stream = open(os.devnull, "w")  # noqa: SIM115  for the whole run
    sandbox = Sandbox(SandboxOptions(addresses=Addresses(free_port(), free_port()), quiet=True)).start()
    try:
        _take(sandbox)
    finally:
        sandbox.stop()
    return 0


def _take(sandbox: Sandbox) -> None:
    """A rental that was late and is paid, then one that is active."""
    customer = Customer(Api(sandbox.api_url), Control(sandbox.sandbox_url), PHONE, "sita")
    customer.sign_up()
    customer.complete_kyc(operator_at(sandbox.api_url))
    customer.top_up("khalti", "20.00")
    late = _rent_and_return_late(customer)
    customer.top_up("esewa", "500.00")
    customer.rent()
    with chromium() as browser, browser.screen(WIDTH, SCREEN_HEIGHT, mobile=False):
        _open_front(browser, sandbox.sandbox_url, customer)
        _store(browser, "street.png")
        browser.go(f"{sandbox.sandbox_url}/r/{late}")
        browser.wait_for("[data-lane=Money] button")
        browser.wait_for("strong")
        _store(browser, "rental.png")


def _rent_and_return_late(customer: Customer) -> str:
    """Returns the code of the rental, which is paid."""
    rental = customer.rent()
    customer.sandbox.advance(hours=LATE_HOURS)
    customer.refresh()
    stations = customer.sandbox.get("/cabinets")
    elsewhere = next(item for item in stations if item["sn"] != rental["station"]["sn"])
    ended = customer.return_powerbank(rental, elsewhere)
    if ended["status"] == "due":
        customer.pay_due(ended)
    return str(ended["code"])


def _open_front(browser: Browser, url: str, customer: Customer) -> None:
    """Open the front page as that customer, with the plot of the money."""
    browser.go(f"{url}/problems")
    phone = {"number": PHONE, "token": customer.api.token, "refresh": customer.refresh_token}
    browser.run(KEEP_PHONE, json.dumps(phone))
    browser.go(url)
    browser.click("#tab-books")
    browser.wait_for(".uplot")
    browser.wait_for(".rental[data-status=active]")


def _store(browser: Browser, name: str) -> None:
    png = browser.picture(WIDTH, min(browser.run(BOTTOM), MAX_HEIGHT))
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS)
    IMAGES.mkdir(exist_ok=True)
    picture.save(IMAGES / name, optimize=True)
    print(f"{IMAGES / name}: {(IMAGES / name).stat().st_size // 1000} KB")


if __name__ == "__main__":
    sys.exit(main())
