"""A simulated Stripe: Checkout Sessions with a pay page, refunds, lists, and signed events."""

import threading
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from flask import Blueprint, Response, request

from infra.local.gateways import stripe_dashboard, stripe_payments
from infra.local.gateways.pay_pages import PayPages, return_to_app
from infra.local.gateways.payment_book import Payment, PaymentBook
from infra.local.gateways.payment_outcomes import STRIPE
from infra.local.gateways.stripe_checkout import new_session
from infra.local.gateways.stripe_events import WEBHOOK_SECRET, Events
from infra.local.gateways.stripe_objects import SESSIONS, JsonObject, Session
from infra.local.gateways.stripe_refunds import add_refund
from infra.local.gateways.stripe_wire import (
    Keys,
    StripeError,
    answer,
    failed_on_order,
    listed,
    request_fields,
)
from infra.local.simulation import Simulation

SECRET_KEY = "sandbox-stripe-key"


class StripeServer:
    """Served under /stripe of the sandbox's port. `refunds_as` is the state of new refunds."""

    def __init__(self, simulation: Simulation, sandbox_url: str, api_url: str) -> None:
        self._simulation = simulation
        self._events = Events(simulation, api_url)
        self._url = f"{sandbox_url}/stripe"
        self._book, self._keys, self._lock = PaymentBook[Session](), Keys(), threading.Lock()
        self.refunds_as = "succeeded"
        simulation.late_returns.register("stripe", self._events.post_all)
        self.blueprint = Blueprint("stripe", __name__, url_prefix="/stripe")
        replay_or_make = self._keys.replay_or_make
        for name, method, path, view in (
            ("create", "POST", "checkout/sessions", lambda: replay_or_make(self._create)),
            ("sessions", "GET", "checkout/sessions", lambda: answer(listed(self._list_sessions()))),
            ("session", "GET", "checkout/sessions/<name>", self._session),
            ("expire", "POST", "checkout/sessions/<name>/expire", self._end),
            ("payments", "GET", "payment_intents", lambda: answer(listed(self._payments()))),
            ("payment", "GET", "payment_intents/<name>", self._payment),
            ("refund", "POST", "refunds", lambda: replay_or_make(self._refund)),
            ("refunds", "GET", "refunds", lambda: answer(listed(self._refunds()))),
            ("disputes", "GET", "disputes", lambda: answer(listed(self._disputes()))),
        ):
            speaking = simulation.calling("stripe", partial(failed_on_order, self._keys))(_api_route(view))
            self.blueprint.add_url_rule(f"/v1/{path}", name, speaking, methods=[method])
        pages = PayPages(STRIPE, self, simulation, f"{self._url}/pay/", f"{self._url}/pay/")
        self.blueprint.add_url_rule("/pay/<reference>", "page", simulation.browsed(pages.show))
        self.blueprint.add_url_rule("/pay/", "pressed", simulation.browsed(pages.pressed), methods=["POST"])

    def environment(self) -> dict[str, str]:
        """The service's settings for it."""
        return {
            "BIJULI_STRIPE_API_URL": self._url,
            "BIJULI_STRIPE_SECRET_KEY": SECRET_KEY,
            "BIJULI_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "BIJULI_STRIPE_CURRENCY": "npr",
        }

    def pay(self, reference: str, outcome: str, callback: Any) -> list[int]:
        """Do what the customer does. `callback` says when its event is sent. Raises LookupError."""
        session = self._of(self._book.get(reference).reference)
        made = stripe_payments.settle(session, outcome, self._events)
        return return_to_app(self._simulation, "stripe", callback, made, self._events.post_all) if made else []

    def state(self) -> Any:
        with self._lock:
            sessions = SESSIONS.dump_python(self._book.all(), mode="json")
        return {"sessions": sessions, "keys": self._keys.state()}

    def prepare(self, state: Any) -> Callable[[], None]:
        sessions, apply_keys = SESSIONS.validate_python(state["sessions"]), self._keys.prepare(state["keys"])

        def apply() -> None:
            self._book.replace(sessions)
            apply_keys()

        return apply

    def shown(self, reference: str) -> Session | None:
        """The session of this name, expired if its time is over."""
        try:
            return self._of(reference)
        except LookupError:
            return None

    def press(self, payment: Payment, outcome: str, callback_order: Any) -> str | None:
        """Carry out a press on the page, and send its events. Returns the browser's address, or None if it stays."""
        made = stripe_payments.settle(self._of(payment.reference), outcome, self._events)
        if made:
            # Stripe posts its events to the webhook, whether or not the browser returns to the app
            send_later = partial(self._simulation.late_returns.add, 0, "stripe")
            return_to_app(self._simulation, "stripe", callback_order, made, send_later)
        if outcome in ("fail", "expire"):
            return None
        return payment.failure_url if outcome == "cancel" else payment.return_url

    def payments(self) -> list[Session]:
        """All payments, oldest first."""
        return self._book.all()

    def refund_at_desk(self, reference: str, paisa: int | None) -> list[int]:
        """Stripe's desk gives money back, and its events follow. Raises LookupError, ValueError."""
        session = self._book.get(reference)
        with self._lock:
            events = stripe_dashboard.refund(session, paisa, self._simulation.clock.now(), self._events)
        return stripe_dashboard.post(events, self._events)

    def dispute(self, reference: str, paisa: int | None = None, outcome: str | None = None) -> list[int]:
        """The customer's bank takes the money back, or decides a dispute, and Stripe's events follow.

        Raises LookupError, ValueError.
        """
        session = self._book.get(reference)
        with self._lock:
            if outcome is not None:
                events = stripe_dashboard.end_dispute(session, outcome, self._events)
            else:
                events = stripe_dashboard.dispute(session, paisa, self._simulation.clock.now(), self._events)
        return stripe_dashboard.post(events, self._events)

    def _create(self) -> JsonObject:
        content = request_fields()
        session = new_session(content, self._simulation.clock.now(), f"{self._url}/pay/")
        self._book.add(session)
        return session.to_json(content.get("expand", []))

    def _session(self, name: str) -> Response:
        return answer(self._session_or_404(name).to_json(request_fields().get("expand", [])))

    def _end(self, name: str) -> Response:
        session = self._session_or_404(name)
        if session.state != "open":
            raise StripeError(
                400, f'Only Checkout Sessions with a status in ["open"] can be expired. {session.state}'
            )
        session.state = "expired"
        return answer(session.to_json([]))

    def _payment(self, name: str) -> Response:
        return answer(
            self._session_of_payment(name).payment(charge="latest_charge" in request_fields().get("expand", []))
        )

    def _refund(self) -> JsonObject:
        content = request_fields()
        session = self._session_of_payment(str(content.get("payment_intent")))
        with self._lock:
            refund = add_refund(session, content, self._simulation.clock.now(), self.refunds_as)
        return session.refund(refund)

    def _all(self, to_json: Callable[..., JsonObject], *more: Any) -> list[JsonObject]:
        return [to_json(session, *more) for session in self._book.all()]

    def _list_sessions(self) -> list[JsonObject]:
        expand = [item.removeprefix("data.") for item in request_fields().get("expand", [])]
        return self._all(Session.to_json, expand)

    def _payments(self) -> list[JsonObject]:
        return [item for item in self._all(Session.payment) if item["id"]]

    def _refunds(self) -> list[JsonObject]:
        with self._lock:
            refunds = [
                (item.created, session.refund(item)) for session in self._named_sessions() for item in session.refunds
            ]
        return [content for _, content in sorted(refunds, key=lambda pair: pair[0])]

    def _disputes(self) -> list[JsonObject]:
        with self._lock:
            return [session.dispute(item) for session in self._named_sessions() for item in session.disputes]

    def _named_sessions(self) -> list[Session]:
        """The sessions of the payment that this request names, or all."""
        of = request_fields().get("payment_intent")
        return [session for session in self._book.all() if of in (None, session.transaction)]

    def _of(self, name: str) -> Session:
        """Raises LookupError."""
        session = self._book.get(name)
        if session.reference != name:
            raise LookupError(name)
        if session.state == "open" and self._simulation.clock.now() >= session.expires_at:
            session.state = "expired"
        return session

    def _session_or_404(self, name: str) -> Session:
        try:
            return self._of(name)
        except LookupError:
            raise StripeError(
                404, f"No such checkout.session: '{name}'", code="resource_missing", param="id"
            ) from None

    def _session_of_payment(self, name: str) -> Session:
        session = self._book.by_transaction(name)
        if session is None:
            raise StripeError(404, f"No such payment_intent: '{name}'", code="resource_missing", param="intent")
        return session


def _api_route(view: Callable[..., Response]) -> Callable[..., Response]:
    """Decorate a route of the API: check the secret key, and answer errors in Stripe's form."""

    @wraps(view)
    def inner(**parts: str) -> Response:
        if request.headers.get("Authorization") != f"Bearer {SECRET_KEY}":
            return answer(StripeError(401, "Invalid API Key provided").body, 401)
        try:
            return view(**parts)
        except StripeError as refusal:
            return answer(refusal.body, refusal.status)

    return inner
