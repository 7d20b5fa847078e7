"""Consumes the messages of callbacks. A message stays in the queue until the gateway reports the payment's state."""

from chalicelib.domain.payments.payment_gateway import PaymentState
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.topups import reversals
from chalicelib.services.topups.crediting import refresh_from_gateway
from chalicelib.tables import intents
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import Unavailable, World


def handle_payment_event(
    world: World, user_id: str, intent_id: str, message_id: str | None = None, *, is_reversal: bool = False
) -> None:
    """Handle the queue message of a callback: look the intent up, credit it, then drop the message.

    `is_reversal`: the callback says that money goes back, so a credited intent is looked up too. Raises Unavailable,
    so that the queue delivers the message again, while the result is unresolved.
    """
    intent = fetch_one(intents.intent_key(user_id, intent_id))
    if intent is not None and refresh_from_gateway(world, intent).is_unresolved:
        raise Unavailable(intent.gateway)
    if intent is not None and is_reversal:
        payment_status = reversals.check(world, intent)
        if payment_status is not None and payment_status.state is PaymentState.UNKNOWN:
            raise Unavailable(intent.gateway)
    if message_id is not None:
        outbox_messages.drop(message_id)
