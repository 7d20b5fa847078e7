"""Makes the lines of a report: compares one payment or one intent with the other side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.payments.order_reference import intent_id_of
from chalicelib.domain.payments.payment_gateway import GatewayPayment, PaymentState
from chalicelib.domain.payments.reconciliation import Report
from chalicelib.domain.payments.reconciliation_line import Finding, ReportLine, compare, line_of_theirs
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.services.refunds.decisions import has_been_refunded
from chalicelib.tables import intent_references, intents, reconciliation
from chalicelib.tables.dynamodb import fetch, fetch_many, fetch_one
from chalicelib.world import PaymentGateway, World

REFUNDED = frozenset({PaymentState.REFUNDED, PaymentState.PARTLY_REFUNDED})
MAX_CHECKS = 3
"""How often an intent is looked up that changes while it is compared."""


@dataclass(frozen=True)
class ReportRun:
    """One run of one report. It began at `begun_at` and continues while `has_time`."""

    world: World
    gateway: PaymentGateway
    begun_at: datetime
    has_time: Callable[[], bool]


def line_of_payment(run_: ReportRun, report: Report, payment: GatewayPayment) -> ReportLine:
    """The line of a listed payment. A difference is looked up again: the list may be older than our data."""
    now = run_.world.now()
    intent = _intent_of(report, payment)
    if intent is None:
        return line_of_theirs(payment, revision=report.revision, now=now)
    line = compare(intent, payment.status, revision=report.revision, now=now)
    if line.finding is Finding.MATCHED or intent.gateway_ref is None:
        return line
    return line_of_intent(run_, report, intent)


def line_of_intent(run_: ReportRun, report: Report, intent: Intent) -> ReportLine:
    """The line of an intent, by our look-up. If the intent changed meanwhile, both sides are read again."""
    for _ in range(MAX_CHECKS):
        payment_status = run_.gateway.fetch_payment(intent)
        refunded_by_us = payment_status.state in REFUNDED and has_been_refunded(intent)
        line = compare(
            intent, payment_status, revision=report.revision, now=run_.world.now(), has_been_refunded=refunded_by_us
        )
        if line.finding in (Finding.MATCHED, Finding.UNKNOWN):
            return line
        latest = fetch_one(intents.intent_key(intent.user_id, intent.intent_id))
        if latest is None or latest.version == intent.version:
            return line
        intent = latest
    return replace(line, finding=Finding.UNKNOWN, reason="moving")


def without_line(report: Report, candidates: Sequence[Intent]) -> list[Intent]:
    """The candidates that have no line of this revision yet."""
    by_id = {intent.intent_id: intent for intent in candidates}
    lines = fetch_many([reconciliation.line_key(report.name, intent_id) for intent_id in by_id])
    line_ids = {line.line_id for line in lines if line.revision == report.revision}
    return [intent for intent_id, intent in by_id.items() if intent_id not in line_ids]


def _intent_of(report: Report, payment: GatewayPayment) -> Intent | None:
    """The intent of this payment. None for an intent with another payment."""
    by_theirs = intent_references.reference_key(report.gateway, payment.reference)
    by_ours = intent_references.pointer_key(intent_id_of(payment.order_ref or "") or payment.reference)
    rows = fetch(by_theirs, by_ours)
    pointer = rows[by_theirs] or rows[by_ours]
    if pointer is None:
        return None
    intent = fetch_one(intents.intent_key(pointer.user_id, pointer.intent_id))
    return intent if intent is not None and intent.gateway_ref in (None, payment.reference) else None
