"""Pays approved refunds by their gateways.

The service sends a refund once, then looks it up until its gateway reports how it ended. If the gateway never does,
an operator closes the refund.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.operations.message_errors import AlreadyProcessed
from chalicelib.domain.payments.payment_gateway import (
    REFUNDED_ELSEWHERE,
    WENT_BACK,
    GatewayRefundState,
    PaymentState,
    RefundStatus,
)
from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.refunds import charge_backs
from chalicelib.services.refunds.decisions import logged_decision, read
from chalicelib.services.refunds.gateway_answers import apply_status, past_grace
from chalicelib.services.refunds.state_changes import RefundResult, mark_paid, mark_returned, report_stranded
from chalicelib.services.sweeps import LOOK_UP_WORKERS, for_each_isolated
from chalicelib.services.topups.retired_gateway import gateway_for
from chalicelib.tables import intents, outbox, refunds
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import PaymentGateway, World

SWEEP_LIMIT = 50


def deliver(world: World, body: Mapping[str, Any]) -> bool:
    """Handle the queue message of an approved refund: send it to its gateway. False when it was sent before.

    The caller that writes `sent_at` sends the refund. After that write only the sweep handles it, by look-ups.
    A refund is not sent while something of its payment went back otherwise, or may have.
    """
    message_id, refund_id = str(body["message_id"]), str(body["refund_id"])
    held_back = charge_backs.reason_not_to_send(world, refund_id)
    try:
        refund = _claim_for_sending(world, message_id, refund_id)
    except AlreadyProcessed:
        return False
    if refund is None or refund.sent_at is None:
        return False
    if held_back is not None:
        apply_status(world, refund, held_back, from_check=False)
        return True
    intent, gateway = _source_of(world, refund)
    if world.now() - refund.sent_at < timedelta(seconds=world.settings().refund_send_within_seconds):
        apply_status(world, refund, _send(gateway, intent, refund), from_check=False)
    return True


def _send(gateway: PaymentGateway, intent: Intent, refund: Refund) -> RefundStatus:
    """Send the refund. If the gateway rejects it, check whether it was already refunded in the merchant portal.

    The check comes before the wallet gets the money back, so that the customer never gets it twice. After a rejection
    no sender is under way, so the check may count as past the grace.
    """
    refund_status = gateway.refund(intent, refund.to_request())
    if not refund_status.is_final_refusal:
        return refund_status
    checked = gateway.fetch_refund(intent, refund.to_request(past_grace=True))
    return _recheck_refusal(
        gateway, intent, refund_status if checked.state is GatewayRefundState.REFUSED else checked
    )


def _recheck_refusal(gateway: PaymentGateway, intent: Intent, refund_status: RefundStatus) -> RefundStatus:
    """The refusal, if the gateway still has the payment. Otherwise the state to apply in its place.

    An operator ends the refund of a payment that the merchant portal refunded. An unknown payment is looked up again.
    """
    if not refund_status.is_final_refusal:
        return refund_status
    payment_status = gateway.fetch_payment(intent)
    if payment_status.state in WENT_BACK:
        return RefundStatus(GatewayRefundState.BY_HAND, reason=REFUNDED_ELSEWHERE)
    if payment_status.state is PaymentState.UNKNOWN:
        return RefundStatus(GatewayRefundState.UNKNOWN, reason=payment_status.reason)
    return refund_status


def sweep(world: World) -> int:
    """Look up every sent refund whose check is due. Returns their number."""
    due = refunds.due(world.now(), SWEEP_LIMIT)
    return for_each_isolated(
        due, lambda refund: _check(world, refund), lambda refund: refund.refund_id, workers=LOOK_UP_WORKERS
    )


@dataclass(frozen=True)
class Closing:
    """How a refund ended, as an operator found out.

    `method` and `reference` say how it was paid, `payer_mobile` to which number. Without a `method` it was not paid.
    """

    method: RefundMethod | None
    reference: str | None
    notes: str
    payer_mobile: str | None = None


def close(world: World, caller: Caller, refund_id: str, closing: Closing) -> Refund:
    """End a refund whose gateway never reported how it ended. The wallet gets the money back if it was not paid.

    The service asks the gateway once more first. If the gateway reports the refund as paid, that counts.

    Raises Problem: not_found, refund_own_request, refund_already_decided, refund_in_progress.
    """
    refund = _load_for_close(caller, refund_id)
    intent, gateway = _source_of(world, refund)
    refund_status = gateway.fetch_refund(intent, refund.to_request(past_grace=True))
    if refund_status.state is GatewayRefundState.DONE:
        return apply_status(world, refund, refund_status, from_check=True)

    def decide(ops: Transaction) -> RefundResult:
        current_caller = fresh_caller(world, caller, ops)
        current = replace(
            _load_for_close(current_caller, refund_id), admin_notes=closing.notes, payer_mobile=closing.payer_mobile
        )
        if closing.method is None:
            result = mark_returned(ops, world, current, "closed_by_hand")
            charge_backs.stage_look_up(ops, world, current)
        else:
            result = mark_paid(ops, world, replace(current, method=closing.method), closing.reference)
        method = closing.method.value if closing.method else None
        changes = {"refund_method": method, "reference": closing.reference, "notes": closing.notes}
        audit_log.record(ops, world, current_caller.user_id, logged_decision(current, result.refund, changes))
        return result

    result = atomic(world, decide)
    log.fact("refund_closed", refund_id=refund_id, state=result.refund.state.value)
    report_stranded(result)
    return result.refund


def _claim_for_sending(world: World, message_id: str, refund_id: str) -> Refund | None:
    """The refund, marked as sent, for this caller to send. Raises AlreadyProcessed when its message is done."""

    def decide(ops: Transaction) -> Refund | None:
        outbox.complete(ops, message_id)
        refund = fetch_one(refunds.refund_key(refund_id))
        if refund is None or refund.state is not RefundState.APPROVED or refund.sent_at is not None:
            return None
        _source_of(world, refund)
        first_check_at = world.now() + timedelta(minutes=world.settings().refund_first_check_minutes)
        sent = refund.sent(world.now(), first_check_at)
        refunds.save(ops, sent)
        return sent

    return atomic(world, decide)


def _check(world: World, refund: Refund) -> None:
    intent, gateway = _source_of(world, refund)
    request = refund.to_request(past_grace=past_grace(world, refund))
    refund_status = _recheck_refusal(gateway, intent, gateway.fetch_refund(intent, request))
    apply_status(world, refund, refund_status, from_check=True)


def _source_of(world: World, refund: Refund) -> tuple[Intent, PaymentGateway]:
    """The refunded intent and its gateway. Raises LookupError when the intent is missing: nothing is sent then."""
    intent = fetch_one(intents.intent_key(refund.user_id, refund.intent_id or "-"))
    if intent is None or refund.gateway is None:
        raise LookupError(refund.refund_id)
    return intent, gateway_for(world, refund.gateway)


def _load_for_close(caller: Caller, refund_id: str) -> Refund:
    """A refund that only an operator can end. Raises Problem like `close`."""
    refund = read(refund_id)
    refund.must_be_anothers(caller.user_id)
    if not refund.open:
        raise refund.already_decided()
    if not refund.needs_manual_close:
        raise Problem("refund_in_progress", status=refund.state.value)
    return refund
