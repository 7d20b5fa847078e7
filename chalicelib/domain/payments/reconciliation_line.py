"""A line of a reconciliation report: one payment at the gateway, compared with our intent."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.payments.payment_gateway import GatewayPayment, PaymentState, PaymentStatus
from chalicelib.domain.payments.topup_intent import Intent, IntentState


class Finding(StrEnum):
    """The result of comparing a payment at the gateway with our intent."""

    MATCHED = "matched"
    OURS_ONLY = "ours_only"
    THEIRS_ONLY = "theirs_only"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


HOLDS_MONEY = frozenset({PaymentState.PAID, PaymentState.PARTLY_REFUNDED, PaymentState.DISPUTED})
"""States of a payment of which the gateway has some money, or may have."""


@dataclass(frozen=True)
class ReportLine:
    """One payment. `line_id` is our intent's id, or the gateway's reference when we have no intent.

    An amount is None when that side has no money of the payment. `theirs_paisa` leaves out `refunded_paisa`, which
    the gateway gave back; it is None where the gateway reports no such sum. `revision` is that of the report: lines
    of earlier revisions do not count.
    """

    line_id: str
    finding: Finding
    revision: int
    compared_at: datetime
    intent_id: str | None = None
    user_id: str | None = None
    ours_paisa: int | None = None
    theirs_paisa: int | None = None
    refunded_paisa: int | None = None
    our_ref: str | None = None
    their_ref: str | None = None
    our_state: str | None = None
    their_state: str | None = None
    reason: str | None = None
    version: int = 0


def compare(
    intent: Intent, payment_status: PaymentStatus, *, revision: int, now: datetime, has_been_refunded: bool = False
) -> ReportLine:
    """The line of an intent, by its status at the gateway. `has_been_refunded`: we refunded some of it there."""
    credited = intent.state is IntentState.SUCCESS
    finding, reason = _finding_of(intent, payment_status, has_been_refunded=has_been_refunded)
    return ReportLine(
        intent.intent_id,
        finding,
        revision,
        now,
        intent_id=intent.intent_id,
        user_id=intent.user_id,
        ours_paisa=intent.amount_paisa if credited else None,
        theirs_paisa=payment_status.remaining_paisa,
        refunded_paisa=payment_status.refunded_paisa,
        our_ref=intent.credited_ref or intent.gateway_ref or intent.order_ref,
        their_ref=payment_status.reference,
        our_state=intent.state.value,
        their_state=payment_status.state.value,
        reason=reason,
    )


def line_of_theirs(payment: GatewayPayment, *, revision: int, now: datetime) -> ReportLine:
    """The line of a payment without an intent of ours. An unpaid one is no difference."""
    state = payment.status.state
    finding = Finding.MATCHED
    if state is PaymentState.UNKNOWN:
        finding = Finding.UNKNOWN
    elif state in HOLDS_MONEY:
        finding = Finding.THEIRS_ONLY
    return ReportLine(
        payment.reference,
        finding,
        revision,
        now,
        theirs_paisa=payment.status.remaining_paisa,
        refunded_paisa=payment.status.refunded_paisa,
        our_ref=payment.order_ref,
        their_ref=payment.status.reference or payment.reference,
        their_state=state.value,
        reason="no_intent" if state in HOLDS_MONEY else None,
    )


def _finding_of(
    intent: Intent, payment_status: PaymentStatus, *, has_been_refunded: bool
) -> tuple[Finding, str | None]:
    """The finding and its reason."""
    credited = intent.state is IntentState.SUCCESS
    if payment_status.state in (PaymentState.REFUNDED, PaymentState.PARTLY_REFUNDED) and has_been_refunded:
        return Finding.MATCHED, "refunded"
    if payment_status.state is PaymentState.UNKNOWN:
        return Finding.UNKNOWN, payment_status.reason or None
    if payment_status.state in (PaymentState.PARTLY_REFUNDED, PaymentState.DISPUTED):
        return Finding.DIFFERS if credited else Finding.THEIRS_ONLY, payment_status.state.value
    if payment_status.state is not PaymentState.PAID:
        return (
            (Finding.OURS_ONLY, payment_status.reason or payment_status.state.value)
            if credited
            else (Finding.MATCHED, None)
        )
    if payment_status.amount_paisa is None:
        return Finding.UNKNOWN, "no_amount"
    if not credited:
        return Finding.THEIRS_ONLY, intent.reason or "not_credited"
    if not payment_status.merchant_matches:
        return Finding.DIFFERS, "wrong_merchant"
    if payment_status.amount_paisa != intent.amount_paisa:
        return Finding.DIFFERS, "wrong_amount"
    if payment_status.reference != intent.credited_ref:
        return Finding.DIFFERS, "wrong_reference"
    return Finding.MATCHED, None


def merged(existing: ReportLine | None, line: ReportLine) -> ReportLine | None:
    """The line to write over `existing`. None keeps it: a known finding of the same revision stays."""
    if existing is None:
        return line
    if existing.revision == line.revision and (
        existing.finding is not Finding.UNKNOWN or line.finding is Finding.UNKNOWN
    ):
        return None
    return replace(line, version=existing.version) if existing.revision <= line.revision else None
