"""A simulated Stripe: Checkout Sessions with a page to pay on, refunds, lists, and events that it signs and posts."""

import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, Response, redirect, request

from infra.local.paying import Till, come_back, pay_page
from infra.local.stage import Stage
from infra.local.stripe_books import Answer, Refund, Session
from infra.local.stripe_events import WEBHOOK_SECRET, Events
from infra.local.stripe_wire import Keys, Refusal, answer, listed, sent, whole

SECRET_KEY = "sandbox-stripe-key"
SHORTEST, LONGEST = timedelta(minutes=30), timedelta(hours=24)
LEAST_PAISA = 7_000
"""About half a dollar."""
ASKED = frozenset(
    {
        "adaptive_pricing",
        "cancel_url",
        "client_reference_id",
        "expand",
        "expires_at",
        "line_items",
        "metadata",
        "mode",
        "payment_intent_data",
        "success_url",
    }
)
STATES = {"success": "paid", "wrong_amount": "paid", "fail": "failed", "cancel": "open", "pending": "processing"}


class StripeServer:
    """Served under /stripe of the sandbox's port. `refunds_as` is the state that refunds are made in."""

    def __init__(self, stage: Stage, sandbox_url: str, api_url: str) -> None:
        self._stage = stage
        self._events = Events(stage, api_url)
        self._url = f"{sandbox_url}/stripe"
        self._till, self._keys, self._lock = Till[Session](), Keys(), threading.Lock()
        self.refunds_as = "succeeded"
        self.blueprint = Blueprint("stripe", __name__, url_prefix="/stripe")
        kept = self._keys.once
        for name, method, path, view in (
            ("create", "POST", "checkout/sessions", lambda: kept(self._create)),
            ("sessions", "GET", "checkout/sessions", lambda: answer(listed(self._sessions_told()))),
            ("session", "GET", "checkout/sessions/<name>", self._session),
            ("expire", "POST", "checkout/sessions/<name>/expire", self._end),
            ("payments", "GET", "payment_intents", lambda: answer(listed(self._payments()))),
            ("payment", "GET", "payment_intents/<name>", self._payment),
            ("refund", "POST", "refunds", lambda: kept(self._refund)),
            ("refunds", "GET", "refunds", lambda: answer(listed(self._refunds()))),
        ):
            speaking = stage.calling("stripe")(_speaking(view))
            self.blueprint.add_url_rule(f"/v1/{path}", name, speaking, methods=[method])
        self.blueprint.get("/pay/<name>")(self._page)
        self.blueprint.post("/pay/")(self._paid)

    def environment(self) -> dict[str, str]:
        """What our configuration must be told."""
        return {
            "BIJULI_STRIPE_API_URL": self._url,
            "BIJULI_STRIPE_SECRET_KEY": SECRET_KEY,
            "BIJULI_STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "BIJULI_STRIPE_CURRENCY": "npr",
        }

    def pay(self, reference: str, outcome: str, callback: Any) -> list[int]:
        """What the customer does; `callback` is the event. Raises LookupError for an unknown reference."""
        session = self._of(self._till.get(reference).reference)
        event = self._settle(session, outcome)
        return (
            come_back(self._stage, callback, lambda forged: self._events.tell(event, forged=forged)) if event else []
        )

    def _create(self) -> Answer:
        said = sent()
        unknown = sorted(said.keys() - ASKED)
        if unknown:
            raise Refusal(
                400, f"Received unknown parameter: {unknown[0]}", code="parameter_unknown", param=unknown[0]
            )
        for name in ("mode", "success_url", "line_items"):
            if not said.get(name):
                raise Refusal(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
        now, ends = self._stage.clock.now(), datetime.fromtimestamp(whole(said, "expires_at"), UTC)
        if not now + SHORTEST <= ends <= now + LONGEST:
            raise Refusal(
                400, "The `expires_at` timestamp must be 30 minutes to 24 hours from now.", param="expires_at"
            )
        item = said["line_items"][0]
        paisa = whole(item["price_data"], "unit_amount") * whole(item, "quantity")
        if paisa < LEAST_PAISA:
            raise Refusal(400, "The total amount due is too small.", code="amount_too_small")
        name = f"cs_test_{secrets.token_hex(16)}"
        session = Session(
            name,
            str(said.get("metadata", {}).get("order_ref", name)),
            paisa,
            said["success_url"],
            ends,
            "open",
            failure_url=said.get("cancel_url", ""),
            created=now,
            currency=item["price_data"]["currency"],
            client_reference_id=said.get("client_reference_id", ""),
            metadata=said.get("metadata", {}),
            payment_metadata=said.get("payment_intent_data", {}).get("metadata", {}),
            page_url=f"{self._url}/pay/{name}",
        )
        self._till.add(session)
        return session.told(said.get("expand", []))

    def _session(self, name: str) -> Response:
        return answer(self._known(name).told(sent().get("expand", [])))

    def _end(self, name: str) -> Response:
        session = self._known(name)
        if session.state != "open":
            raise Refusal(400, f'Only Checkout Sessions with a status in ["open"] can be expired. {session.state}')
        session.state = "expired"
        return answer(session.told([]))

    def _payment(self, name: str) -> Response:
        return answer(self._paying(name).payment(charge="latest_charge" in sent().get("expand", [])))

    def _refund(self) -> Answer:
        said = sent()
        session = self._paying(str(said.get("payment_intent")))
        with self._lock:
            left = session.paid_paisa - session.returned_paisa
            paisa = whole(said, "amount") if "amount" in said else left
            if session.state != "paid":
                raise Refusal(400, "This PaymentIntent does not have a successful charge to refund.")
            if not left:
                raise Refusal(400, "Charge has already been refunded.", code="charge_already_refunded")
            if not 0 < paisa <= left:
                raise Refusal(400, "Refund amount is greater than unrefunded amount on charge.", param="amount")
            named = f"re_{secrets.token_hex(12)}"
            made = Refund(named, paisa, self._stage.clock.now(), self.refunds_as, said.get("metadata", {}))
            session.refunds.append(made)
        return session.refund(made)

    def _all(self, tell: Callable[..., Answer], *more: Any) -> list[Answer]:
        return [tell(one, *more) for one in self._till.all()]

    def _sessions_told(self) -> list[Answer]:
        expand = [one.removeprefix("data.") for one in sent().get("expand", [])]
        return self._all(Session.told, expand)

    def _payments(self) -> list[Answer]:
        return [one for one in self._all(Session.payment) if one["id"]]

    def _refunds(self) -> list[Answer]:
        of = sent().get("payment_intent")
        found = [one for one in self._till.all() if of in (None, one.transaction)]
        with self._lock:
            told = [(one.created, session.refund(one)) for session in found for one in session.refunds]
        return [said for _, said in sorted(told, key=lambda pair: pair[0])]

    def _of(self, name: str) -> Session:
        """Raises LookupError."""
        session = self._till.get(name)
        if session.reference != name:
            raise LookupError(name)
        if session.state == "open" and self._stage.clock.now() >= session.expires_at:
            session.state = "expired"
        return session

    def _known(self, name: str) -> Session:
        try:
            return self._of(name)
        except LookupError:
            raise Refusal(404, f"No such checkout.session: '{name}'", code="resource_missing", param="id") from None

    def _paying(self, name: str) -> Session:
        found = self._till.paid_as(name)
        if found is None:
            raise Refusal(404, f"No such payment_intent: '{name}'", code="resource_missing", param="intent")
        return found

    def _page(self, name: str) -> Response:
        try:
            session = self._of(name)
        except LookupError:
            return Response("Not found", 404)
        if session.state != "open":
            return Response(f"This session is {session.state}.", 200)
        return Response(pay_page("Stripe", session, f"{self._url}/pay/"), mimetype="text/html")

    def _paid(self) -> Any:
        outcome = request.form.get("outcome", "success")
        try:
            session = self._of(request.form.get("reference", ""))
        except LookupError:
            return Response("Not found", 404)
        event = self._settle(session, outcome)
        if event:
            threading.Thread(target=self._events.tell, args=(event,), daemon=True).start()
        if outcome == "fail":
            return Response("Your card was declined.", 402)
        return redirect(session.failure_url if outcome == "cancel" else session.return_url)

    def _settle(self, session: Session, outcome: str) -> Answer | None:
        """The event that tells of it; None where Stripe tells of nothing: a customer who went back."""
        if session.state not in ("open", "processing"):
            raise ValueError(f"the session is {session.state}")
        if outcome == "cancel":
            return None
        late = session.state == "processing"
        session.transaction = session.transaction or f"pi_{secrets.token_hex(12)}"
        if outcome == "fail" and not late:
            # The card was declined: the page stays, for another.
            return self._events.event("payment_intent.payment_failed", session.payment())
        session.state = STATES[outcome]
        if session.state == "paid":
            session.paid_paisa = session.amount_paisa - (100 if outcome == "wrong_amount" else 0)
        told = {"paid": "async_payment_succeeded", "failed": "async_payment_failed"} if late else {}
        return self._events.event(f"checkout.session.{told.get(session.state, 'completed')}", session.told([]))


def _speaking(view: Callable[..., Response]) -> Callable[..., Response]:
    """A door of the API: the key, and refusals in Stripe's words."""

    @wraps(view)
    def inner(**parts: str) -> Response:
        if request.headers.get("Authorization") != f"Bearer {SECRET_KEY}":
            return answer(Refusal(401, "Invalid API Key provided").body, 401)
        try:
            return view(**parts)
        except Refusal as refusal:
            return answer(refusal.body, refusal.status)

    return inner
