"""New refunds of the simulated Stripe."""

import secrets
from datetime import datetime

from infra.local.gateways.stripe_objects import JsonObject, Refund, Session
from infra.local.gateways.stripe_wire import StripeError, whole


def add_refund(session: Session, content: JsonObject, now: datetime, state: str) -> Refund:
    """Refund the session's payment as the fields `content` ask, in state `state`. The caller holds the lock.

    Raises StripeError for an unpaid or refunded payment, and for more than is left of it.
    """
    unrefunded_paisa = session.paid_paisa - session.returned_paisa
    paisa = whole(content, "amount") if "amount" in content else unrefunded_paisa
    if session.state != "paid":
        raise StripeError(400, "This PaymentIntent does not have a successful charge to refund.", executed=True)
    if not unrefunded_paisa:
        raise StripeError(400, "Charge has already been refunded.", code="charge_already_refunded", executed=True)
    if not 0 < paisa <= unrefunded_paisa:
        raise StripeError(
            400, "Refund amount is greater than unrefunded amount on charge.", param="amount", executed=True
        )
    refund = Refund(f"re_{secrets.token_hex(12)}", paisa, now, state, content.get("metadata", {}))
    session.refunds.append(refund)
    return refund
