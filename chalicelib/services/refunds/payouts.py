"""Granted refunds on their way: sent to the gateway once, asked after until it tells, else left to a person."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.messages import AlreadyProcessed
from chalicelib.domain.payment_gateway import GatewayRefundState, PaymentState, RefundStatus
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import Refund, RefundMethod, RefundState
from chalicelib.domain.topup import Intent
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.refunds.decisions import log_decision, read
from chalicelib.services.refunds.outcomes import RefundResult, mark_paid, mark_returned, publish
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.services.topups.gateways import gateway_for
from chalicelib.tables import intents, outbox, refunds
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import PaymentGateway, World

SWEEP_LIMIT = 50


def deliver(world: World, body: Mapping[str, Any]) -> bool:
    """The consumer's part: send a granted refund, by whoever writes `sent_at`. False when that was done before.

    After that write nobody else sends it, whatever becomes of this call: the sweep asks the gateway.
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
    """Send it. One that is refused may have been paid by another hand: it is looked for before the wallet has it
    back, so that the customer never has it twice.

    A refusal is all that becomes of the call: whatever is found afterwards is not of a sender under way.
    """
    refund_status = gateway.refund(intent, refund.to_request())
    if not refund_status.is_final_refusal:
        return refund_status
    checked = gateway.fetch_refund(intent, refund.to_request(past_grace=True))
    return _unless_paid_back(
        gateway, intent, refund_status if checked.state is GatewayRefundState.REFUSED else checked
    )


def _unless_paid_back(gateway: PaymentGateway, intent: Intent, refund_status: RefundStatus) -> RefundStatus:
    """A refusal stands where the gateway still has the payment; one that went back by another hand is left to a
    person, and where nobody tells, it is asked again."""
    if not refund_status.is_final_refusal:
        return refund_status
    payment_status = gateway.fetch_payment(intent)
    if payment_status.state is PaymentState.REFUNDED:
        return RefundStatus(GatewayRefundState.BY_HAND, reason="refunded_elsewhere")
    if payment_status.state is PaymentState.UNKNOWN:
        return RefundStatus(GatewayRefundState.UNKNOWN, reason=payment_status.reason)
    return refund_status


def sweep(world: World) -> int:
    """Ask after every refund that was sent and of which nobody has told yet. Returns how many."""
    return for_each_isolated(
        refunds.due(world.now(), SWEEP_LIMIT), lambda refund: _check(world, refund), lambda refund: refund.refund_id
    )


def close(
    world: World, caller: Caller, refund_id: str, *, method: RefundMethod | None, reference: str | None, notes: str
) -> Refund:
    """End by an operator's word what no look-up could: paid by `method` under `reference`, or, with `method` None,
    not paid and given back. The gateway is asked once more, and if it says that the customer has the money, that
    counts.

    Raises Problem: not_found, refund_own_request, refund_already_decided, refund_in_progress.
    """
    refund = _load_for_close(caller, refund_id)
    intent, gateway = _source_of(world, refund)
    refund_status = gateway.fetch_refund(intent, refund.to_request(past_grace=True))
    if refund_status.state is GatewayRefundState.DONE:
        return apply_status(world, refund, refund_status, from_check=True)

    def decide(ops: Transaction) -> RefundResult:
        current_caller = fresh_caller(world, caller, ops)
        current = replace(_load_for_close(current_caller, refund_id), admin_notes=notes)
        if method is None:
            result = mark_returned(ops, world, current, "closed_by_hand")
        else:
            result = mark_paid(ops, world, replace(current, method=method), reference)
        changes = {"refund_method": method.value if method else None, "reference": reference, "notes": notes}
        log_decision(ops, world, current_caller, result.refund, changes)
        return result

    result = atomic(world, decide)
    log.fact("refund_closed", refund_id=refund_id, state=result.refund.state.value)
    publish(world, result)
    return result.refund


def apply_status(world: World, refund: Refund, refund_status: RefundStatus, *, from_check: bool) -> Refund:
    """What the gateway said of a refund: paid, refused, surely unheard of, or asked again later. Safe any number of
    times.

    `from_check` marks an answer to a look-up: that it finds nothing proves nothing while a sender may still be under
    way.
    """

    def decide(ops: Transaction) -> RefundResult:
        current = read(refund.refund_id)
        if current.state is not RefundState.APPROVED:
            return RefundResult(current)
        if refund_status.state is GatewayRefundState.DONE:
            # It may have been given up as never sent meanwhile: the call that is told of now was made all the same.
            marked = replace(current, sent_at=current.sent_at or refund.sent_at)
            return mark_paid(ops, world, marked, refund_status.reference)
        if current.sent_at != refund.sent_at:
            # Another sending is under way by now: this answer is about the one before.
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
    """The refund, to be sent by this caller and nobody else. Raises AlreadyProcessed when its message is done."""

    def decide(ops: Transaction) -> Refund | None:
        outbox.done(ops, message_id)
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
    refund_status = _unless_paid_back(gateway, intent, gateway.fetch_refund(intent, request))
    apply_status(world, refund, refund_status, from_check=True)


def _source_of(world: World, refund: Refund) -> tuple[Intent, PaymentGateway]:
    """Where the money came from. Raises LookupError when that is not known here: nothing is sent then."""
    intent = fetch_one(intents.intent_key(refund.user_id, refund.intent_id or "-"))
    if intent is None or refund.gateway is None:
        raise LookupError(refund.refund_id)
    return intent, gateway_for(world, refund.gateway)


def _load_for_close(caller: Caller, refund_id: str) -> Refund:
    """A refund that only a person can end. Raises Problem like `close`."""
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
    """The gateway has surely not made it: another message sends it later, or a person sees to it."""
    wait = refund.next_send(world.settings().refund_first_check_minutes)
    if refund.gives_up(world.now() + wait, world.settings().refund_give_up_hours):
        updated = refund.left_for_manual_close()
    else:
        updated = refund.reset_for_resend()
        message_id, body = f"refund:{refund.refund_id}:{refund.sends_count}", {"refund_id": refund.refund_id}
        outbox_messages.stage(ops, world, outbox_messages.REFUNDS, message_id, body, after=wait)
    refunds.save(ops, updated)
    return updated


def _postpone(
    ops: Transaction, world: World, refund: Refund, refund_status: RefundStatus, *, from_check: bool
) -> Refund:
    """Nothing that decides: when to ask next, if anybody but a person can tell."""
    now, settings = world.now(), world.settings()
    if refund_status.state is GatewayRefundState.BY_HAND:
        updated = refund.left_for_manual_close()
    elif from_check and refund.next_check_at is not None and refund.next_check_at <= now:
        updated = refund.check_postponed(
            now, first_minutes=settings.refund_first_check_minutes, give_up_hours=settings.refund_give_up_hours
        )
    else:
        return refund
    refunds.save(ops, updated)
    return updated
