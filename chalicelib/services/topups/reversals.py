"""Finds money of credited top-ups that went back at the gateway, and lists it for operators."""

from collections.abc import Sequence

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operators.numbered_page import NumberedPage
from chalicelib.domain.payments import reversal_amounts
from chalicelib.domain.payments.payment_gateway import PaymentStatus
from chalicelib.domain.payments.refund import RefundState
from chalicelib.domain.payments.refund_totals import RefundTotals
from chalicelib.domain.payments.reversal import Reversal, ReversalState
from chalicelib.domain.payments.reversal_amounts import OurRefunds
from chalicelib.domain.payments.topup_intent import Intent, IntentState
from chalicelib.services.topups.retired_gateway import gateway_for
from chalicelib.tables import refunds, reversals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World


def check(world: World, intent: Intent) -> PaymentStatus | None:
    """Look a credited intent up at its gateway and record what went back of it. It may be called any number of times.

    Returns the gateway's answer. None for an intent that is not credited.
    """
    if intent.state is not IntentState.SUCCESS:
        return None
    return record(world, intent, gateway_for(world, intent.gateway).fetch_payment(intent))


def record(world: World, intent: Intent, payment_status: PaymentStatus) -> PaymentStatus:
    """Record what went back of a credited intent, as a look-up reports it. Returns the gateway's latest answer."""
    if intent.credited_seq is None:
        return payment_status
    if not _record(world, intent, intent.credited_seq, payment_status, confirmed=False):
        # Another look-up may have been recorded between this one and the write. The gateway says which is the latest.
        payment_status = gateway_for(world, intent.gateway).fetch_payment(intent)
        _record(world, intent, intent.credited_seq, payment_status, confirmed=True)
    return payment_status


def list_in_state(state: ReversalState, page: NumberedPage) -> tuple[Sequence[Reversal], int]:
    """A page of the reversals in a state, the newest first, and their number, counted up to MAX_LISTED."""
    return page.with_total(reversals.in_state(state))


def _record(world: World, intent: Intent, seq: int, payment_status: PaymentStatus, *, confirmed: bool) -> bool:
    """Store what the status says of reversed money. False, without a write, if it would change a reversal and is not
    `confirmed`."""
    returned = reversal_amounts.returned_of(payment_status, intent.amount_paisa)
    if returned is None:
        return True
    totals_key = refunds.totals_key(intent.user_id, seq)
    reversal_key = reversals.reversal_key(intent.user_id, intent.intent_id)

    def decide(ops: Transaction) -> tuple[Reversal | None, bool]:
        rows = fetch(totals_key, reversal_key)
        existing = rows[reversal_key]
        if existing is None and returned.nothing:
            return None, True
        updated = reversal_amounts.updated(existing, intent, returned, _refunds_of(rows[totals_key]), world.now())
        if updated is None or (existing is not None and not confirmed):
            return None, updated is None
        reversals.save(ops, updated)
        return updated if existing is None or _needs_alarm(existing, updated) else None, True

    reversal, written = atomic(world, decide)
    if reversal is not None:
        _alarm(reversal)
    return written


def _refunds_of(totals: RefundTotals | None) -> OurRefunds:
    """Our refunds of a payment, with the request that waits for a decision."""
    if totals is None:
        return OurRefunds()
    waiting = fetch_one(refunds.refund_key(totals.open_refund_id)) if totals.open_refund_id else None
    requested_paisa = waiting.amount_paisa if waiting is not None and waiting.state is RefundState.REQUESTED else 0
    return OurRefunds(totals.refunded_paisa, totals.paid_out_paisa, requested_paisa)


def _needs_alarm(before: Reversal, after: Reversal) -> bool:
    """Whether the reversal now needs a decision that it did not need before, or got money back since."""
    return after.open and (not before.open or after.restored_paisa > 0)


def _alarm(reversal: Reversal) -> None:
    ids = {"intent_id": reversal.intent_id, "user_id": reversal.user_id, "source": reversal.gateway}
    if reversal.restored_paisa:
        log.alarm(Alarm.REVERSED_MONEY_RESTORED, amount_paisa=reversal.restored_paisa, **ids)
    else:
        log.alarm(Alarm.PAYMENT_REVERSED, reason=reversal.reason, amount_paisa=reversal.outstanding_paisa, **ids)
