"""Reads Stripe's objects: sessions as payments, refunds as refunds."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.payments.gateway_values import clean_flag, clean_paisa, clean_reference
from chalicelib.domain.payments.payment_gateway import (
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


MONEY_KEPT = frozenset({"warning_needs_response", "warning_under_review", "warning_closed", "won"})
"""Statuses of a dispute that leave us the money: an inquiry, which may still become a dispute, and a dispute won."""


def disputed_payment_of(session: Mapping[str, Any]) -> str | None:
    """The payment of a session whose charge was ever disputed: Stripe marks it for good. None for other sessions."""
    payment = part_of(session, "payment_intent")
    disputed = _flag(part_of(payment, "latest_charge"), "disputed")
    return clean_reference(payment.get("id")) if disputed else None


def payment_status_of(
    session: Mapping[str, Any], currency: str, disputes: Sequence[Mapping[str, Any]] | None = None
) -> PaymentStatus:
    """The status of a Checkout Session, with its payment and charge expanded. `currency` is that of our account.

    `disputes` are those of a payment that `disputed_payment_of` names.
    """
    status, paid = str(session.get("status")), str(session.get("payment_status"))
    payment_id, payment = session.get("payment_intent"), part_of(session, "payment_intent")
    if status == "expired":
        return PaymentStatus(PaymentState.FAILED, reason="expired")
    if status == "open" and paid == "unpaid":
        return PaymentStatus(PaymentState.UNPAID, reason="open")
    if status != "complete" or paid not in ("paid", "unpaid"):
        return PaymentStatus(PaymentState.UNKNOWN, reason=paid if status == "complete" else status)
    if paid == "unpaid":
        has_failed = payment.get("status") in ("canceled", "requires_payment_method")
        return PaymentStatus(
            PaymentState.FAILED if has_failed else PaymentState.PENDING, reason=str(payment.get("status") or "unpaid")
        )
    charge = part_of(payment, "latest_charge")
    if not charge or None in (_flag(charge, "disputed"), _flag(charge, "refunded")):
        # Only the charge says whether money went back.
        return PaymentStatus(PaymentState.UNKNOWN, reason="charge_unreadable" if charge else "charge_not_shown")
    amount, refunded_paisa = session.get("amount_total"), charge.get("amount_refunded", 0)
    contested_paisa = _contested(charge, disputes, currency)
    state, reason = _state_of(charge, amount) if contested_paisa == 0 else (PaymentState.DISPUTED, "charge_disputed")
    return PaymentStatus(
        state,
        reference=payment.get("id", payment_id),
        amount_paisa=amount,
        merchant_matches=session.get("currency") == currency,
        reason=reason,
        refunded_paisa=refunded_paisa or None,
        contested_paisa=contested_paisa or None,
    )


def _state_of(charge: Mapping[str, Any], amount: Any) -> tuple[PaymentState, str]:
    """The state of a charge that was paid with `amount`, and its reason."""
    refunded_paisa, refunded = charge.get("amount_refunded", 0), _flag(charge, "refunded")
    if clean_paisa(refunded_paisa) == 0 and not refunded:
        return PaymentState.PAID, "paid"
    whole = refunded and refunded_paisa in (None, 0, amount)
    if whole or (type(refunded_paisa) is int and refunded_paisa == amount):
        return PaymentState.REFUNDED, "refunded"
    return PaymentState.PARTLY_REFUNDED, "partly_refunded"


def _contested(charge: Mapping[str, Any], disputes: Sequence[Mapping[str, Any]] | None, currency: str) -> int | None:
    """The paisa that disputes took of a charge. None where Stripe does not say how much."""
    if not _flag(charge, "disputed"):
        return 0
    taking = [dispute for dispute in disputes or () if str(dispute.get("status")) not in MONEY_KEPT]
    amounts = [
        clean_paisa(dispute.get("amount")) if dispute.get("currency") == currency else None for dispute in taking
    ]
    if not disputes or None in amounts:
        return None
    return sum(amount or 0 for amount in amounts)


def gateway_payment_of(
    session: Mapping[str, Any], currency: str, disputes: Sequence[Mapping[str, Any]] | None = None
) -> GatewayPayment:
    """A session of Stripe's list. Raises OutcomeUnknown for an object that is no session."""
    reference, created = clean_reference(session.get("id")), session.get("created")
    order_ref = clean_reference(part_of(session, "metadata").get("order_ref"))
    if reference is None or type(created) is not int:
        raise OutcomeUnknown("stripe")
    return GatewayPayment(
        reference, datetime.fromtimestamp(created, UTC), payment_status_of(session, currency, disputes), order_ref
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


def _flag(charge: Mapping[str, Any], name: str) -> bool | None:
    """A flag of a charge. A missing one is False. None for a value that says neither."""
    return clean_flag(charge.get(name, False))


def part_of(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object `name` inside `content`. Empty when it is missing or no object."""
    part = content.get(name)
    return part if isinstance(part, Mapping) else {}
