"""What a payment at the simulated Stripe brings about: the session's new state, and every event of it."""

import secrets
from collections.abc import Callable

from infra.local.gateways.stripe_events import Events
from infra.local.gateways.stripe_objects import JsonObject, Session

STATES = {"success": "paid", "wrong_amount": "paid", "fail": "failed", "pending": "processing", "expire": "expired"}


def settle(session: Session, outcome: str, events: Events) -> list[JsonObject]:
    """Do what the customer does. Returns the events in their order, the session's own one last but for late updates.

    A customer who goes back brings no event. Raises ValueError for a session that is over.
    """
    if session.state not in ("open", "processing"):
        raise ValueError(f"the session is {session.state}")
    if outcome == "cancel":
        return []
    if outcome == "expire":
        session.state = STATES[outcome]
        return _about(session, ["checkout.session.expired"], events)
    late = session.state == "processing"
    created = [] if session.transaction else ["payment_intent.created"]
    session.transaction = session.transaction or f"pi_{secrets.token_hex(12)}"
    before = [events.event(kind, session.payment()) for kind in created]
    if outcome == "fail" and not late:
        # The card was declined. The page stays open for another card.
        return [*before, *_about(session, ["charge.failed", "payment_intent.payment_failed"], events)]
    session.state = STATES[outcome]
    if session.state == "paid":
        session.paid_paisa = session.amount_paisa - (100 if outcome == "wrong_amount" else 0)
    return [*before, *_about(session, _kinds(session.state, late=late), events)]


def _kinds(state: str, *, late: bool) -> list[str]:
    """The names of the events after a payment's new state. `late`: the payment was processing before."""
    if state == "paid" and late:
        return ["charge.succeeded", "payment_intent.succeeded", "checkout.session.async_payment_succeeded"]
    if state == "paid":
        return ["charge.succeeded", "payment_intent.succeeded", "checkout.session.completed", "charge.updated"]
    if state == "failed":
        return ["charge.failed", "payment_intent.payment_failed", "checkout.session.async_payment_failed"]
    return ["charge.pending", "payment_intent.processing", "checkout.session.completed"]


def _about(session: Session, kinds: list[str], events: Events) -> list[JsonObject]:
    makers: dict[str, Callable[[], JsonObject]] = {
        "payment_intent": session.payment,
        "charge": session.charge,
        "checkout": lambda: session.to_json([]),
    }
    return [events.event(kind, makers[kind.partition(".")[0]]()) for kind in kinds]
