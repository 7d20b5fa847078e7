"""The simulated Stripe's objects: a session, its payment and charge, its refunds, each as Stripe's JSON."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from infra.local.gateways.payment_book import Payment

JsonObject = dict[str, Any]


@dataclass
class Refund:
    """A refund of a payment."""

    refund_id: str
    paisa: int
    created: datetime
    status: str
    metadata: dict[str, str]


@dataclass
class Dispute:
    """A dispute of a payment. Stripe's charge stays `disputed` whatever its end."""

    dispute_id: str
    paisa: int
    created: datetime
    status: str = "needs_response"


@dataclass
class Session(Payment):
    """A session; `state` is `open`, `paid`, `processing`, `failed` or `expired`, `transaction` the payment's id."""

    created: datetime = field(kw_only=True)
    currency: str = field(kw_only=True)
    client_reference_id: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    payment_metadata: dict[str, str] = field(default_factory=dict)
    refunds: list[Refund] = field(default_factory=list)
    page_url: str = ""
    disputes: list[Dispute] = field(default_factory=list)

    @property
    def returned_paisa(self) -> int:
        """The amount refunded or being refunded."""
        return sum(refund.paisa for refund in self.refunds if refund.status in ("succeeded", "pending"))

    def to_json(self, expand: list[str]) -> JsonObject:
        """The session's JSON, with its payment and charge where `expand` names them."""
        payment: Any = self.transaction or None
        if self.transaction and any(item.startswith("payment_intent") for item in expand):
            payment = self.payment(charge="payment_intent.latest_charge" in expand)
        status = self.state if self.state in ("open", "expired") else "complete"
        return {
            "id": self.reference,
            "object": "checkout.session",
            "amount_subtotal": self.amount_paisa,
            "amount_total": self.paid_paisa or self.amount_paisa,
            "cancel_url": self.failure_url,
            "client_reference_id": self.client_reference_id or None,
            "created": int(self.created.timestamp()),
            "currency": self.currency,
            "expires_at": int(self.expires_at.timestamp()),
            "livemode": False,
            "metadata": self.metadata,
            "mode": "payment",
            "payment_intent": payment,
            "payment_status": "paid" if self.state == "paid" else "unpaid",
            "status": status,
            "success_url": self.return_url,
            "url": self.page_url if status == "open" else None,
        }

    def payment(self, *, charge: bool = False) -> JsonObject:
        paid = self.state == "paid"
        states = {"paid": "succeeded", "processing": "processing"}
        return {
            "id": self.transaction,
            "object": "payment_intent",
            "amount": self.paid_paisa or self.amount_paisa,
            "amount_received": self.paid_paisa if paid else 0,
            "created": int(self.created.timestamp()),
            "currency": self.currency,
            "latest_charge": (self.charge() if charge else self.charge_id) if paid else None,
            "livemode": False,
            "metadata": self.payment_metadata,
            "status": states.get(self.state, "requires_payment_method"),
        }

    @property
    def charge_id(self) -> str:
        return self.transaction.replace("pi_", "ch_")

    def charge(self) -> JsonObject:
        states = {"paid": "succeeded", "processing": "pending"}
        paid = self.state == "paid"
        returned = sum(refund.paisa for refund in self.refunds if refund.status == "succeeded")
        return {
            "id": self.charge_id,
            "object": "charge",
            "amount": self.paid_paisa or self.amount_paisa,
            "amount_captured": self.paid_paisa if paid else 0,
            "amount_refunded": returned,
            "captured": paid,
            "created": int(self.created.timestamp()),
            "currency": self.currency,
            "disputed": bool(self.disputes),
            "metadata": self.payment_metadata,
            "paid": paid,
            "payment_intent": self.transaction,
            "refunded": paid and returned == self.paid_paisa,
            "status": states.get(self.state, "failed"),
        }

    def refund(self, refund: Refund) -> JsonObject:
        return {
            "id": refund.refund_id,
            "object": "refund",
            "amount": refund.paisa,
            "charge": self.charge_id,
            "created": int(refund.created.timestamp()),
            "currency": self.currency,
            "metadata": refund.metadata,
            "payment_intent": self.transaction,
            "reason": "requested_by_customer",
            "status": refund.status,
        }

    def dispute(self, dispute: Dispute) -> JsonObject:
        return {
            "id": dispute.dispute_id,
            "object": "dispute",
            "amount": dispute.paisa,
            "charge": self.charge_id,
            "created": int(dispute.created.timestamp()),
            "currency": self.currency,
            "is_charge_refundable": False,
            "livemode": False,
            "metadata": {},
            "payment_intent": self.transaction,
            "reason": "fraudulent",
            "status": dispute.status,
        }


SESSIONS = TypeAdapter(list[Session])
"""Reads and writes sessions as JSON."""
