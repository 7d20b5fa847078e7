"""Pays approved refunds by their gateways.

The service sends a refund once, then looks it up until its gateway reports how it ended. If the gateway never does,
an operator closes the refund.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.message_errors import AlreadyProcessed
from chalicelib.domain.payment_gateway import WENT_BACK, GatewayRefundState, PaymentState, RefundStatus
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import Refund, RefundMethod, RefundState
from chalicelib.domain.topup_intent import Intent
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.refunds.decisions import log_decision, read
from chalicelib.services.refunds.outcomes import RefundResult, mark_paid, mark_returned, publish
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
    """
    message_id, refund_id = str(body["message_id"]), str(body["refund_id"])
    try:
        refund = _claim_for_sending(world, message_id, refund_id)
    except AlreadyProcessed:
        return False
    if refund is None or refund.sent_at is None:
        return False
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
        return RefundStatus(GatewayRefundState.BY_HAND, reason="refunded_elsewhere")
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
        else:
            result = mark_paid(ops, world, replace(current, method=closing.method), closing.reference)
        method = closing.method.value if closing.method else None
        changes = {"refund_method": method, "reference": closing.reference, "notes": closing.notes}
        log_decision(ops, world, current_caller, result.refund, changes)
        return result

    result = atomic(world, decide)
    log.fact("refund_closed", refund_id=refund_id, state=result.refund.state.value)
    publish(world, result)
    return result.refund


def apply_status(world: World, refund: Refund, refund_status: RefundStatus, *, from_check: bool) -> Refund:
    """Apply a refund's state at its gateway: paid, returned to the wallet, sent again, or asked again later.

    It may be called any number of times. `from_check`: the state comes from a look-up. A look-up that finds nothing
    proves nothing while a sender may still be under way.
    """

    def decide(ops: Transaction) -> RefundResult:
        current = read(refund.refund_id)
        if current.state is not RefundState.APPROVED:
            return RefundResult(current)
        if refund_status.state is GatewayRefundState.DONE:
            # Another process may have cleared `sent_at` since the look-up, and the gateway executed this sending.
            marked = replace(current, sent_at=current.sent_at or refund.sent_at)
            return mark_paid(ops, world, marked, refund_status.reference)
        if current.sent_at != refund.sent_at:
            # The refund was sent again since the look-up: this answer is about the sending before.
            return RefundResult(current)
        if refund_status.is_final_refusal:
            return mark_returned(ops, world, current, refund_status.reason or "refused")
        if refund_status.state is GatewayRefundState.REFUSED and (not from_check or _past_grace(world, current)):
            return RefundResult(_resend(ops, world, current))
        return RefundResult(_postpone(ops, world, current, refund_status, from_check=from_check))

    result = atomic(world, decide)
    current = result.refund
    if current.state is RefundState.FAILED and refund_status.state is GatewayRefundState.DONE:
        log.alarm(Alarm.REFUND_PAID_AFTER_FAILURE, refund_id=current.refund_id)
    elif current.needs_manual_close:
        log.alarm(Alarm.REFUND_NEEDS_MANUAL_CLOSE, refund_id=current.refund_id, reason=refund_status.reason)
    else:
        log.fact(
            "refund_status_received",
            refund_id=current.refund_id,
            state=current.state.value,
            reason=refund_status.reason,
        )
    publish(world, result)
    return current


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
    request = refund.to_request(past_grace=_past_grace(world, refund))
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


def _past_grace(world: World, refund: Refund) -> bool:
    return refund.past_grace(world.now(), world.settings().refund_absence_grace_minutes)


def _resend(ops: Transaction, world: World, refund: Refund) -> Refund:
    """Stage a new sending of a refund that the gateway did not execute, or leave it to an operator."""
    wait = refund.next_send(world.settings().refund_first_check_minutes)
    if refund.gives_up(world.now() + wait, world.settings().refund_give_up_hours):
        updated = refund.left_for_manual_close("not_executed")
    else:
        updated = refund.reset_for_resend()
        message_id, body = f"refund:{refund.refund_id}:{refund.sends_count}", {"refund_id": refund.refund_id}
        outbox_messages.stage(ops, world, outbox_messages.REFUNDS, message_id, body, after=wait)
    refunds.save(ops, updated)
    return updated


def _postpone(
    ops: Transaction, world: World, refund: Refund, refund_status: RefundStatus, *, from_check: bool
) -> Refund:
    """Stage the next look-up after an answer that decides nothing, or leave the refund to an operator."""
    now, settings = world.now(), world.settings()
    if refund_status.state is GatewayRefundState.BY_HAND:
        updated = refund.left_for_manual_close(refund_status.reason)
    elif from_check and refund.next_check_at is not None and refund.next_check_at <= now:
        updated = refund.check_postponed(
            now, first_minutes=settings.refund_first_check_minutes, give_up_hours=settings.refund_give_up_hours
        )
    else:
        return refund
    refunds.save(ops, updated)
    return updated
