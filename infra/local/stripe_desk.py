"""What happens to a payment at the simulated Stripe without us: refunds by its desk, and disputes.

Neither carries metadata of ours, as at the real one: their events name the payment and the charge only.
"""

import secrets
from contextlib import suppress
from datetime import datetime

import requests

from infra.local.stripe_books import JsonObject, Refund, Session
from infra.local.stripe_events import Events


def post(made: list[JsonObject], events: Events) -> list[int]:
    """Post the events. Returns the statuses of the responses. An API that does not listen gets none."""
    statuses: list[int] = []
    for event in made:
        with suppress(requests.ConnectionError):
            statuses.append(events.post_event(event))
    return statuses


def refund(session: Session, paisa: int | None, at: datetime, events: Events) -> list[JsonObject]:
    """Give back `paisa`, or all that is left. Returns the events. Raises ValueError when so much is not there."""
    unrefunded_paisa = session.paid_paisa - session.returned_paisa
    amount = unrefunded_paisa if paisa is None else paisa
    if session.state != "paid" or not 0 < amount <= unrefunded_paisa:
        raise ValueError(f"{unrefunded_paisa} paisa are left of the payment, which is {session.state}")
    made = Refund(f"re_{secrets.token_hex(12)}", amount, at, "succeeded", {})
    session.refunds.append(made)
    charge = session.charge() | {"metadata": {}}
    return [
        events.event("refund.created", session.refund(made)),
        events.event("charge.refunded", charge),
        events.event("refund.updated", session.refund(made)),
    ]


def dispute(session: Session, at: datetime, events: Events) -> list[JsonObject]:
    """The customer's bank takes the payment back. Returns the events. Raises ValueError for an unpaid session."""
    if session.state != "paid":
        raise ValueError(f"the session is {session.state}")
    session.disputed = True
    content = {
        "id": f"du_{secrets.token_hex(12)}",
        "object": "dispute",
        "amount": session.paid_paisa,
        "charge": session.charge_id,
        "created": int(at.timestamp()),
        "currency": session.currency,
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": session.transaction,
        "reason": "fraudulent",
        "status": "needs_response",
    }
    return [events.event(f"charge.dispute.{what}", content) for what in ("created", "funds_withdrawn")]
