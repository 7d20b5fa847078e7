"""What the simulated payment gateways share: payments, pay pages, and the browser's return to the app."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Generic, TypeVar

import requests

from chalicelib.domain.order_reference import intent_id_of
from infra.local.simulation import Simulation

CALLBACK_SECONDS = 20


@dataclass
class Payment:
    """One payment at a gateway: its amount, its state and its references."""

    reference: str
    order_ref: str
    amount_paisa: int
    return_url: str
    expires_at: datetime
    state: str
    paid_paisa: int = 0
    transaction: str = ""
    failure_url: str = ""
    refunded_paisa: int = 0
    by_bank: bool = False
    """The customer paid at Khalti from a bank account. Only Khalti knows it."""


P = TypeVar("P", bound=Payment)


def give_back(payment: Payment, paisa: int | None, *, paid: bool) -> int:
    """The gateway's own staff gives back `paisa` of a payment, or what is left of it. Returns the sum.

    Raises ValueError for a payment that is not `paid`, or more than is left.
    """
    unrefunded_paisa = payment.paid_paisa - payment.refunded_paisa
    amount = unrefunded_paisa if paisa is None else paisa
    if not paid or not 0 < amount <= unrefunded_paisa:
        raise ValueError(f"{unrefunded_paisa} paisa are left of the payment, which is {payment.state}")
    payment.refunded_paisa += amount
    return amount


class PaymentBook(Generic[P]):
    """The payments of one gateway, found by its reference, our order reference or our intent id."""

    def __init__(self) -> None:
        self._payments: dict[str, P] = {}
        self._lock = threading.Lock()

    def add(self, payment: P) -> bool:
        """Add a payment. False when its reference exists: of concurrent requests with one reference, one wins."""
        with self._lock:
            return self._payments.setdefault(payment.reference, payment) is payment

    def find(self, reference: str) -> P | None:
        """Find a payment. Our intent id is a prefix of the order reference: intent `X` is paid as order `X-1`."""
        with self._lock:
            exact = self._payments.get(reference)
            if exact is not None:
                return exact
            newest_first = reversed(self._payments.values())
            return next(
                (
                    payment
                    for payment in newest_first
                    if reference in (payment.order_ref, intent_id_of(payment.order_ref))
                ),
                None,
            )

    def all(self) -> list[P]:
        """All payments, oldest first."""
        with self._lock:
            return list(self._payments.values())

    def by_transaction(self, transaction: str) -> P | None:
        """The payment of this transaction."""
        with self._lock:
            return next(
                (
                    payment
                    for payment in self._payments.values()
                    if transaction and payment.transaction == transaction
                ),
                None,
            )

    def get(self, reference: str) -> P:
        """Raises LookupError."""
        payment = self.find(reference)
        if payment is None:
            raise LookupError(f"no payment {reference}")
        return payment


def open_page(url: str, params: dict[str, str]) -> int:
    """Open a page as the customer's browser does, following no redirect. Returns the status."""
    answer = requests.get(url, params=params, timeout=CALLBACK_SECONDS, allow_redirects=False)
    return answer.status_code


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
