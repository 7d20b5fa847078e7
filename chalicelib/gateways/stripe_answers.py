"""Reads Stripe's objects: sessions as payments, refunds as refunds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.gateway_values import clean_reference
from chalicelib.domain.payment_gateway import (
    GatewayPayment,
    GatewayRefundState,
    PaymentState,
    PaymentStatus,
    RefundRequest,
    RefundStatus,
)
from chalicelib.world import OutcomeUnknown

REFUND_STATES = {
    "succeeded": GatewayRefundState.DONE,
    "pending": GatewayRefundState.PENDING,
    "requires_action": GatewayRefundState.PENDING,
    "failed": GatewayRefundState.REFUSED,
    "canceled": GatewayRefundState.REFUSED,
}


def payment_status_of(session: Mapping[str, Any], currency: str) -> PaymentStatus:
    """The status of a Checkout Session, with its payment and charge expanded. `currency` is that of our account."""
    status, paid, payment = (
        str(session.get("status")),
        str(session.get("payment_status")),
        session.get("payment_intent"),
    )
    moving = part_of(session, "payment_intent")
    if status == "expired":
        return PaymentStatus(PaymentState.FAILED, reason="expired")
    if status == "open" and paid == "unpaid":
        return PaymentStatus(PaymentState.UNPAID, reason="open")
    if status != "complete" or paid not in ("paid", "unpaid"):
        return PaymentStatus(PaymentState.UNKNOWN, reason=paid if status == "complete" else status)
    if paid == "unpaid":
        has_failed = moving.get("status") in ("canceled", "requires_payment_method")
        return PaymentStatus(
            PaymentState.FAILED if has_failed else PaymentState.PENDING, reason=str(moving.get("status") or "unpaid")
        )
    charge = part_of(moving, "latest_charge")
    amount, refunded_paisa = session.get("amount_total"), charge.get("amount_refunded")
    state, reason = _state_of(charge, amount)
    return PaymentStatus(
        state,
        reference=moving.get("id", payment),
        amount_paisa=amount,
        merchant_matches=session.get("currency") == currency,
        reason=reason,
        refunded_paisa=refunded_paisa or None,
    )


def _state_of(charge: Mapping[str, Any], amount: Any) -> tuple[PaymentState, str]:
    """The state of a charge that was paid with `amount`, and its reason."""
    refunded_paisa = charge.get("amount_refunded")
    if charge.get("disputed"):
        return PaymentState.DISPUTED, "charge_disputed"
    if not refunded_paisa and not charge.get("refunded"):
        return PaymentState.PAID, "paid"
    whole = charge.get("refunded") is True and refunded_paisa in (None, 0, amount)
    if whole or (type(refunded_paisa) is int and refunded_paisa == amount):
        return PaymentState.REFUNDED, "refunded"
    return PaymentState.PARTLY_REFUNDED, "partly_refunded"


def gateway_payment_of(session: Mapping[str, Any], currency: str) -> GatewayPayment:
    """A session of Stripe's list. Raises OutcomeUnknown for an object that is no session."""
    reference, created = clean_reference(session.get("id")), session.get("created")
    order_ref = clean_reference(part_of(session, "metadata").get("order_ref"))
    if reference is None or type(created) is not int:
        raise OutcomeUnknown("stripe")
    return GatewayPayment(
        reference, datetime.fromtimestamp(created, UTC), payment_status_of(session, currency), order_ref
    )


def refund_status_of(refund: Mapping[str, Any], request: RefundRequest) -> RefundStatus:
    """The status of a refund. UNKNOWN when it is not the refund of `request`, or has another amount."""
    reference, status = refund.get("id"), str(refund.get("status"))
    if not is_refund_of(refund, request) or refund.get("amount") != request.amount_paisa:
        return RefundStatus(GatewayRefundState.UNKNOWN, reason="another_refund")
    return RefundStatus(REFUND_STATES.get(status, GatewayRefundState.UNKNOWN), reference=reference, reason=status)


def is_refund_of(refund: Mapping[str, Any], request: RefundRequest) -> bool:
    """Whether Stripe made the refund for `request`."""
    return part_of(refund, "metadata").get("refund_id") == request.refund_id


def part_of(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object `name` inside `content`. Empty when it is missing or no object."""
    part = content.get(name)
    return part if isinstance(part, Mapping) else {}
