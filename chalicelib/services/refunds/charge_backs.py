"""A payment that goes back at its gateway, by its desk or a bank, while a refund of it waits here.

While a request waits for a decision, the sums may not tell whether an operator paid it in the portal (decision 0035).
Once it is decided, they do: nothing goes back twice, and what a refund does not explain any more is a reversal.
"""

from chalicelib.domain.payments import reversal_amounts
from chalicelib.domain.payments.payment_gateway import (
    NOT_EXECUTED,
    REFUNDED_ELSEWHERE,
    GatewayRefundState,
    PaymentState,
    RefundStatus,
)
from chalicelib.domain.payments.refund import Refund, RefundState
from chalicelib.domain.payments.refund_totals import RefundTotals
from chalicelib.domain.payments.reversal_amounts import OurRefunds
from chalicelib.services import outbox
from chalicelib.services.topups.retired_gateway import gateway_for
from chalicelib.tables import intents, refunds, reversals
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World


def stage_look_up(ops: Transaction, world: World, refund: Refund) -> None:
    """Stage a look-up of the payment of a refund that was rejected or not paid. It finds what went back without us.

    The daily look-ups may have ended by now, and no gateway reports twice that money went back.
    """
    if refund.intent_id is not None and refund.gateway in world.gateways:
        body = {"user_id": refund.user_id, "intent_id": refund.intent_id, "is_reversal": True}
        outbox.stage(ops, world, outbox.PAYMENT_EVENTS, f"refund_ended:{refund.refund_id}", body)


def reason_not_to_send(world: World, refund_id: str) -> RefundStatus | None:
    """The state of an approved, unsent refund that must not be sent now. None for any other one.

    BY_HAND: some of the payment went back, and neither an earlier refund nor a reversal explains it. DONE: all of it
    did, and the gateway calls this refund done. REFUSED: the gateway does not tell, so the refund is sent later.
    """
    refund = fetch_one(refunds.refund_key(refund_id))
    if refund is None or refund.gateway is None:
        return None
    if refund.state is not RefundState.APPROVED or refund.sent_at is not None:
        return None
    intent_key = intents.intent_key(refund.user_id, refund.intent_id or "-")
    totals_key = refunds.totals_key(refund.user_id, refund.seq)
    reversal_key = reversals.reversal_key(refund.user_id, refund.intent_id or "-")
    rows = fetch(intent_key, totals_key, reversal_key)
    intent, totals = rows[intent_key], rows[totals_key] or RefundTotals(refund.user_id, refund.seq)
    if intent is None:
        return None
    gateway = gateway_for(world, refund.gateway)
    payment_status = gateway.fetch_payment(intent)
    if payment_status.state is PaymentState.UNKNOWN:
        return RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)
    returned = reversal_amounts.returned_of(payment_status, intent.amount_paisa)
    earlier = OurRefunds(totals.refunded_paisa - refund.amount_paisa, totals.paid_out_paisa)
    if returned is None or reversal_amounts.explained(rows[reversal_key], returned, earlier, intent.amount_paisa):
        return None
    if payment_status.state is PaymentState.REFUNDED:
        refund_status = gateway.fetch_refund(intent, refund.to_request(past_grace=True))
        if refund_status.state is GatewayRefundState.DONE:
            return refund_status
    return RefundStatus(GatewayRefundState.BY_HAND, reason=REFUNDED_ELSEWHERE)
