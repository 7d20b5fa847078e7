"""Finds money of credited top-ups that went back at the gateway, and lists it for operators."""

from collections.abc import Sequence

from chalicelib import log
from chalicelib.domain import reversal as rules
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.numbered_page import NumberedPage
from chalicelib.domain.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.reversal import Returned, Reversal, ReversalState
from chalicelib.domain.topup_intent import Intent, IntentState
from chalicelib.services.topups.gateways import gateway_for
from chalicelib.tables import refunds, reversals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World


def check(world: World, intent: Intent) -> PaymentStatus | None:
    """Look a credited intent up at its gateway and record what went back of it. It may be called any number of times.

    Returns the gateway's answer. None for an intent that is not credited.
    """
    if intent.state is not IntentState.SUCCESS or intent.credited_seq is None:
        return None
    payment_status = gateway_for(world, intent.gateway).fetch_payment(intent)
    returned = rules.returned_of(payment_status, intent.amount_paisa)
    if returned is not None:
        _record(world, intent, intent.credited_seq, returned)
    return payment_status


def in_state(state: ReversalState, page: NumberedPage) -> tuple[Sequence[Reversal], int]:
    """A page of the reversals in a state, the newest first, and their number, counted up to MAX_LISTED."""
    match = reversals.in_state(state)
    return page.of(match), len(match)


def _record(world: World, intent: Intent, seq: int, returned: Returned) -> None:
    totals_key = refunds.totals_key(intent.user_id, seq)
    reversal_key = reversals.reversal_key(intent.user_id, intent.intent_id)

    def decide(ops: Transaction) -> Reversal | None:
        rows = fetch(totals_key, reversal_key)
        totals, existing = rows[totals_key], rows[reversal_key]
        if totals is not None and totals.open_refund_id is not None and returned.reason != PaymentState.DISPUTED:
            # An operator may have paid this refund in the merchant portal and not approved it here yet. The daily
            # check looks again.
            return None
        refunded_paisa = totals.refunded_paisa if totals else 0
        updated = rules.updated(existing, intent, returned, refunded_by_us_paisa=refunded_paisa, at=world.now())
        if updated is None:
            return None
        reversals.save(ops, updated)
        return updated if existing is None or not existing.open else None

    opened_line = atomic(world, decide)
    if opened_line is not None:
        ids = {"intent_id": intent.intent_id, "user_id": intent.user_id, "source": intent.gateway}
        log.alarm(Alarm.PAYMENT_REVERSED, reason=returned.reason, amount_paisa=opened_line.outstanding_paisa, **ids)
