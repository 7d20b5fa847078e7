"""The payments of one simulated payment gateway."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from chalicelib.domain.payments.order_reference import intent_id_of


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

    @property
    def returned_paisa(self) -> int:
        """The amount that went back to the payer."""
        return self.refunded_paisa


P = TypeVar("P", bound=Payment)
BOOK = TypeAdapter(list[Payment])
"""Reads and writes payments as JSON."""


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

    def replace(self, payments: Iterable[P]) -> None:
        """Hold these payments, and no others."""
        with self._lock:
            self._payments = {payment.reference: payment for payment in payments}

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
