"""Applies a gateway's answer about a refund: paid, returned to the wallet, sent again, or looked up again later."""

from dataclasses import replace

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.payments.payment_gateway import GatewayRefundState, RefundStatus
from chalicelib.domain.payments.refund import Refund, RefundState
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.refunds.decisions import read
from chalicelib.services.refunds.state_changes import RefundResult, mark_paid, mark_returned, report_stranded
from chalicelib.tables import refunds
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.world import World


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
        if refund_status.state is GatewayRefundState.REFUSED and (not from_check or past_grace(world, current)):
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
    report_stranded(result)
    return current


def past_grace(world: World, refund: Refund) -> bool:
    """Whether no sender of the refund may still be under way, so that a look-up that finds nothing counts."""
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
