"""Stripe: a Checkout Session paid on Stripe's own page, refunds by idempotency key, and events that it signs."""

import hashlib
import hmac
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.gateway_values import reference_of
from chalicelib.domain.payment_gateway import (
    NEVER_HAPPENED,
    Checkout,
    Hint,
    Listed,
    Outcome,
    Paid,
    RefundOrder,
    Repaid,
    Repayment,
)
from chalicelib.domain.problems import Problem
from chalicelib.domain.topup import Intent
from chalicelib.gateways.callback_parsing import event_id, fields_of, json_object, returned
from chalicelib.gateways.http_client import TIMEOUT_SECONDS
from chalicelib.gateways.stripe_client import StripeLibrary
from chalicelib.world import Away, Refused, Unclear

TOLERANCE_SECONDS = 300
LEAST_OPEN = timedelta(minutes=30)
"""Stripe takes no session that ends sooner than this after it was made."""
TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
OUTCOMES = ("success", "cancel")
FOLLOWED = ("checkout.session.", "payment_intent.", "charge.", "refund.")
REFUNDS = {
    "succeeded": Repaid.DONE,
    "pending": Repaid.PENDING,
    "requires_action": Repaid.PENDING,
    "failed": Repaid.REFUSED,
    "canceled": Repaid.REFUSED,
}
MOST_REFUND_PAGES, MOST_LIST_PAGES = 10, 1_000


class Stripe:
    """World's PaymentGateway. `return_url_of` says where the browser comes back, by intent and `success` or `cancel`;
    `now` is the clock that events' timestamps are held against."""

    name = "stripe"

    def __init__(
        self,
        api_url: str,
        *,
        secret_key: str,
        webhook_secret: str,
        currency: str,
        return_url_of: Callable[[Intent, str], str],
        now: Callable[[], datetime],
        timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS,
    ) -> None:
        self._webhook_secret = webhook_secret.encode()
        self._currency = currency.lower()
        self._return_url_of = return_url_of
        self._now = now
        self._library = StripeLibrary(api_url, secret_key, timeout_seconds)

    def open(self, intent: Intent) -> Checkout:
        """The same intent gives the same session, by its key. Raises Away or Refused."""
        named = {"intent_id": intent.intent_id, "order_ref": intent.order_ref}
        price = {
            "currency": self._currency,
            "unit_amount": intent.amount_paisa,
            "product_data": {"name": "Bijuli wallet"},
        }
        params = {
            "mode": "payment",
            "client_reference_id": intent.intent_id,
            "metadata": named,
            "payment_intent_data": {"metadata": named},
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": self._return_url_of(intent, "success"),
            "cancel_url": self._return_url_of(intent, "cancel"),
            # In the customer's own currency, what was paid would no longer be what was asked for.
            "adaptive_pricing": {"enabled": False},
            # Of the intent alone, so that a second call with the same key is the same call.
            "expires_at": int((intent.expires_at + LEAST_OPEN).timestamp()),
        }
        options = {"idempotency_key": f"open-{intent.order_ref}"}
        try:
            said = self._library.ask(lambda v1: v1.checkout.sessions.create(params, options))
        except Unclear as error:
            # Nobody has the address to pay at.
            raise Away("stripe") from error
        session_id, url = reference_of(said.get("id")), said.get("url")
        if session_id is None or not isinstance(url, str):
            raise Away("stripe")
        return Checkout(url, gateway_ref=session_id)

    def look(self, intent: Intent) -> Outcome:
        session_id = intent.gateway_ref
        if session_id is None:
            return Outcome(Paid.FAILED, reason="never_opened")
        params = {"expand": ["payment_intent.latest_charge"]}
        try:
            said = self._library.ask(lambda v1: v1.checkout.sessions.retrieve(session_id, params))
        except (Away, Unclear):
            return Outcome(Paid.UNKNOWN, reason="no_answer")
        except Refused as refused:
            return Outcome(Paid.UNKNOWN, reason=refused.reason)
        if said.get("id") != session_id:
            return Outcome(Paid.UNKNOWN, reason="another_session" if said.get("id") else "no_status")
        if said.get("client_reference_id") != intent.intent_id:
            return Outcome(Paid.UNKNOWN, reason="another_intent")
        return self._outcome(said)

    def refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        params = {
            "payment_intent": intent.credited_ref,
            "amount": order.amount_paisa,
            "reason": "requested_by_customer",
            "metadata": {
                "refund_id": order.refund_id,
                "intent_id": intent.intent_id,
                "order_ref": intent.order_ref,
            },
        }
        options = {"idempotency_key": f"refund-{order.refund_id}"}
        try:
            said = self._library.ask(lambda v1: v1.refunds.create(params, options))
        except Unclear:
            return Repayment(Repaid.UNKNOWN, reason="no_answer")
        except Away:
            return Repayment(Repaid.REFUSED, reason=NEVER_HAPPENED)
        except Refused as refused:
            # The key has made a refund already, of another sum: look for it.
            clash = refused.reason == "idempotency_error"
            return Repayment(Repaid.UNKNOWN if clash else Repaid.REFUSED, reason=refused.reason)
        return _repayment(said, order)

    def look_refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        try:
            found = next((one for one in self._refunds(intent) if _is(one, order)), None)
        except (Away, Unclear):
            return Repayment(Repaid.UNKNOWN, reason="no_answer")
        except Refused as refused:
            return Repayment(Repaid.UNKNOWN, reason=refused.reason)
        if found is not None:
            return _repayment(found, order)
        if order.long_ago:
            return Repayment(Repaid.REFUSED, reason=NEVER_HAPPENED)
        return Repayment(Repaid.UNKNOWN, reason="not_found")

    def listed(self, since: datetime, until: datetime) -> Sequence[Listed]:
        """Every session, by Stripe's whole seconds, its payment and charge inside."""
        bounds = {"gte": math.ceil(since.timestamp()), "lt": math.ceil(until.timestamp())}
        params = {"created": bounds, "expand": ["data.payment_intent.latest_charge"]}
        try:
            rows = self._library.rows(lambda v1: v1.checkout.sessions, params, most_pages=MOST_LIST_PAGES)
            return [self._listed(said) for said in rows]
        except (Unclear, Refused) as error:
            raise Away("stripe") from error

    def heard(self, headers: Mapping[str, str], raw: bytes) -> Hint:
        """A signed event, or a browser that names our order; events about nothing we follow point nowhere."""
        if returned(headers):
            said = fields_of(headers, raw)
            order_ref = said.get("order_ref", "")
            outcome = said.get("outcome") if said.get("outcome") in OUTCOMES else ""
            return Hint(order_ref=order_ref or None, event_id=event_id("return", order_ref, str(outcome)))
        self._must_be_signed(headers.get("stripe-signature", ""), raw)
        event = json_object(raw)
        named, kind, about = event.get("id"), event.get("type"), _part(_part(event, "data"), "object")
        if not isinstance(named, str) or not named or not isinstance(kind, str):
            raise Problem("malformed_body", reason="not an event")
        if not kind.startswith(FOLLOWED):
            return Hint(event_id=named, sent_again=True)
        ours = _part(about, "metadata").get("order_ref")
        if isinstance(ours, str) and ours:
            return Hint(order_ref=ours, event_id=named, sent_again=True)
        session = about.get("id") if about.get("object") == "checkout.session" else None
        return Hint(gateway_ref=session if isinstance(session, str) else None, event_id=named, sent_again=True)

    def _must_be_signed(self, header: str, raw: bytes) -> None:
        """Raises Problem("webhook_forged"): no signature of ours, or made too long ago, or not yet."""
        parts = [part.strip().partition("=") for part in header.split(",")]
        times = [value for name, _, value in parts if name == "t"]
        signatures = [value for name, _, value in parts if name == "v1"]
        if len(times) != 1 or not TIMESTAMP.fullmatch(times[0]):
            raise Problem("webhook_forged")
        right = hmac.new(self._webhook_secret, times[0].encode() + b"." + raw, hashlib.sha256).hexdigest().encode()
        told = [hmac.compare_digest(right, one.encode("utf-8", "replace")) for one in signatures]
        if not any(told) or abs(self._now().timestamp() - int(times[0])) > TOLERANCE_SECONDS:
            raise Problem("webhook_forged")

    def _outcome(self, said: Mapping[str, Any]) -> Outcome:
        """A session's own word, with the payment's and the charge's where it has got that far."""
        status, paid, payment = str(said.get("status")), str(said.get("payment_status")), said.get("payment_intent")
        moving = _part(said, "payment_intent")
        if status == "expired":
            return Outcome(Paid.FAILED, reason="expired")
        if status == "open" and paid == "unpaid":
            return Outcome(Paid.UNPAID, reason="open")
        if status != "complete" or paid not in ("paid", "unpaid"):
            return Outcome(Paid.UNKNOWN, reason=paid if status == "complete" else status)
        if paid == "unpaid":
            gone = moving.get("status") in ("canceled", "requires_payment_method")
            return Outcome(Paid.FAILED if gone else Paid.PENDING, reason=str(moving.get("status") or "unpaid"))
        charge = _part(moving, "latest_charge")
        if charge.get("amount_refunded") or charge.get("refunded"):
            return Outcome(Paid.REFUNDED, reason="refunded")
        if charge.get("disputed"):
            return Outcome(Paid.UNKNOWN, reason="charge_disputed")
        reference, amount = moving.get("id", payment), said.get("amount_total")
        return Outcome(
            Paid.PAID,
            reference=reference,
            amount_paisa=amount,
            merchant_matches=said.get("currency") == self._currency,
            reason="paid",
        )

    def _listed(self, said: Mapping[str, Any]) -> Listed:
        """A session of the list. Raises Unclear for what is none."""
        named, created = reference_of(said.get("id")), said.get("created")
        order_ref = reference_of(_part(said, "metadata").get("order_ref"))
        if named is None or type(created) is not int:
            raise Unclear("stripe")
        return Listed(named, datetime.fromtimestamp(created, UTC), self._outcome(said), order_ref)

    def _refunds(self, intent: Intent) -> Iterator[Mapping[str, Any]]:
        """All of the payment's refunds. Raises Away, Unclear or Refused; Unclear for more than anybody makes."""
        params = {"payment_intent": intent.credited_ref}
        return self._library.rows(lambda v1: v1.refunds, params, most_pages=MOST_REFUND_PAGES)


def _part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside another; an empty one for anything else."""
    found = said.get(name)
    return found if isinstance(found, Mapping) else {}


def _is(refund: Mapping[str, Any], order: RefundOrder) -> bool:
    return _part(refund, "metadata").get("refund_id") == order.refund_id


def _repayment(refund: Mapping[str, Any], order: RefundOrder) -> Repayment:
    """A refund's own word, if it is the one that was ordered."""
    reference, status = refund.get("id"), str(refund.get("status"))
    if not _is(refund, order) or refund.get("amount") != order.amount_paisa:
        return Repayment(Repaid.UNKNOWN, reason="another_refund")
    return Repayment(REFUNDS.get(status, Repaid.UNKNOWN), reference=reference, reason=status)
