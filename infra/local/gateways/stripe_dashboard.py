"""What happens to a payment at the simulated Stripe without us, as in its dashboard: refunds and disputes.

Neither carries metadata of ours, as at the real one: their events name the payment and the charge only.
"""

import secrets
from contextlib import suppress
from datetime import datetime

import requests

from infra.local.gateways.stripe_events import Events
from infra.local.gateways.stripe_objects import Dispute, JsonObject, Refund, Session


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


def dispute(session: Session, paisa: int | None, at: datetime, events: Events) -> list[JsonObject]:
    """The customer's bank takes `paisa` or the whole payment back. Returns the events.

    Raises ValueError for an unpaid session, or more than was paid.
    """
    amount = session.paid_paisa if paisa is None else paisa
    if session.state != "paid" or not 0 < amount <= session.paid_paisa:
        raise ValueError(f"the session is {session.state}, with {session.paid_paisa} paisa")
    made = Dispute(f"du_{secrets.token_hex(12)}", amount, at)
    session.disputes.append(made)
    return [events.event(f"charge.dispute.{what}", session.dispute(made)) for what in ("created", "funds_withdrawn")]


def end_dispute(session: Session, status: str, events: Events) -> list[JsonObject]:
    """The bank decides the newest dispute: `won` by us or `lost`. Returns the events.

    Raises ValueError without an open dispute.
    """
    open_ = [item for item in session.disputes if item.status == "needs_response"]
    if not open_:
        raise ValueError("the session has no open dispute")
    open_[-1].status = status
    kinds = ["funds_reinstated", "closed"] if status == "won" else ["closed"]
    return [events.event(f"charge.dispute.{what}", session.dispute(open_[-1])) for what in kinds]
