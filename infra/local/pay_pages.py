"""Pay pages of the simulated payment gateways, and the browser's return to the app."""

import threading
import time
from collections.abc import Callable
from html import escape
from typing import Any

import requests

from infra.local.payment_book import Payment
from infra.local.simulation import Simulation


def open_page(simulation: Simulation, company: str, url: str, params: dict[str, str]) -> int:
    """Open a page as the customer's browser does, following no redirect. Returns the status."""
    address = str(requests.Request("GET", url, params=params).prepare().url)
    return simulation.callbacks.send(company, "GET", address).status_code


def return_to_app(simulation: Simulation, callback: Any, go: Callable[[bool], int]) -> list[int]:
    """Return to the app as `callback` says: `go(forged)` is one return. Late returns follow the sandbox's clock."""
    if callback == "never":
        return []
    if callback == "forged":
        return [go(True)]
    if isinstance(callback, dict):
        until = simulation.clock.now().timestamp() + float(callback["late_seconds"])
        threading.Thread(target=_later, args=(simulation, until, go), daemon=True).start()
        return []
    return [go(False) for _ in range(2 if callback == "twice" else 1)]


def _later(simulation: Simulation, until: float, go: Callable[[bool], int]) -> None:
    while simulation.clock.now().timestamp() < until:
        # The clock may be moved at any time, so it is read often.
        time.sleep(0.05)
    go(False)


def pay_page(company: str, payment: Payment, pay_url: str) -> str:
    """A page where the customer pays, fails or cancels. Each button is a form."""
    buttons = "".join(
        f'<form method="post" action="{escape(pay_url)}"><input type="hidden" name="reference" '
        f'value="{escape(payment.reference)}"><button name="outcome" value="{value}">{label}</button></form>'
        for value, label in (("success", "Pay"), ("fail", "Fail"), ("cancel", "Cancel"))
    )
    amount = f"{payment.amount_paisa / 100:.2f}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(company)}</title></head>'
        f"<body><h1>{escape(company)} (sandbox)</h1><p>NPR {amount}</p>{buttons}</body></html>"
    )
