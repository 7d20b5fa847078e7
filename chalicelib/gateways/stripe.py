"""Stripe: a Checkout Session paid on Stripe's own page, refunds by idempotency key, and events that it signs."""

import hashlib
import hmac
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from chalicelib.domain.gateway_registry import GatewayAccount
from chalicelib.domain.gateway_values import clean_reference
from chalicelib.domain.payment_gateway import (
    NOT_EXECUTED,
    CallbackRef,
    Checkout,
    GatewayPayment,
    GatewayRefundState,
    PaymentState,
    PaymentStatus,
    RefundRequest,
    RefundStatus,
)
from chalicelib.domain.problems import Problem
from chalicelib.domain.reasons import Reason
from chalicelib.domain.topup import Intent
from chalicelib.gateways.callback_parsing import event_id, fields_of, is_browser_return, json_object
from chalicelib.gateways.http_client import TIMEOUT_SECONDS
from chalicelib.gateways.stripe_client import StripeLibrary
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable

TOLERANCE_SECONDS = 300
MIN_OPEN = timedelta(minutes=30)
"""Stripe takes no session that ends sooner than this after it was made."""
TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
PAYMENT_STATES = ("success", "cancel")
FOLLOWED_EVENTS = ("checkout.session.", "payment_intent.", "charge.", "refund.")
REFUND_STATES = {
    "succeeded": GatewayRefundState.DONE,
    "pending": GatewayRefundState.PENDING,
    "requires_action": GatewayRefundState.PENDING,
    "failed": GatewayRefundState.REFUSED,
    "canceled": GatewayRefundState.REFUSED,
}
MAX_REFUND_PAGES, MAX_LIST_PAGES = 10, 1_000


def connect(account: GatewayAccount) -> "Stripe":
    """The gateway of our account. Stripe names nothing in the return: our query does."""
    settings = account.settings

    def return_url(intent: Intent, outcome: str) -> str:
        return f"{account.return_url}?{urlencode({'order_ref': intent.order_ref, 'outcome': outcome})}"

    return Stripe(
        settings["api_url"],
        secret_key=settings["secret_key"],
        webhook_secret=settings["webhook_secret"],
        currency=settings["currency"],
        return_url_of=return_url,
        now=account.now,
    )


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

    def create_checkout(self, intent: Intent) -> Checkout:
        """The same intent gives the same session, by its key. Raises Unavailable or Rejected."""
        metadata = {"intent_id": intent.intent_id, "order_ref": intent.order_ref}
        price = {
            "currency": self._currency,
            "unit_amount": intent.amount_paisa,
            "product_data": {"name": "Bijuli wallet"},
        }
        params = {
            "mode": "payment",
            "client_reference_id": intent.intent_id,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": self._return_url_of(intent, "success"),
            "cancel_url": self._return_url_of(intent, "cancel"),
            # In the customer's own currency, what was paid would no longer be what was asked for.
            "adaptive_pricing": {"enabled": False},
            # Of the intent alone, so that a second call with the same key is the same call.
            "expires_at": int((intent.expires_at + MIN_OPEN).timestamp()),
        }
        options = {"idempotency_key": f"open-{intent.order_ref}"}
        try:
            content = self._library.call(lambda v1: v1.checkout.sessions.create(params, options))
        except OutcomeUnknown as error:
            # Nobody has the address to pay at.
            raise Unavailable("stripe") from error
        session_id, url = clean_reference(content.get("id")), content.get("url")
        if session_id is None or not isinstance(url, str):
            raise Unavailable("stripe")
        return Checkout(url, gateway_ref=session_id)

    def fetch_payment(self, intent: Intent) -> PaymentStatus:
        session_id = intent.gateway_ref
        if session_id is None:
            return PaymentStatus(PaymentState.FAILED, reason="never_opened")
        params = {"expand": ["payment_intent.latest_charge"]}
        try:
            content = self._library.call(lambda v1: v1.checkout.sessions.retrieve(session_id, params))
        except (Unavailable, OutcomeUnknown):
            return PaymentStatus(PaymentState.UNKNOWN, reason="no_answer")
        except Rejected as refused:
            return PaymentStatus(PaymentState.UNKNOWN, reason=refused.reason)
        if content.get("id") != session_id:
            return PaymentStatus(PaymentState.UNKNOWN, reason="another_session" if content.get("id") else "no_status")
        if content.get("client_reference_id") != intent.intent_id:
            return PaymentStatus(PaymentState.UNKNOWN, reason="another_intent")
        return self._payment_status(content)

    def refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        params = {
            "payment_intent": intent.credited_ref,
            "amount": request.amount_paisa,
            "reason": "requested_by_customer",
            "metadata": {
                "refund_id": request.refund_id,
                "intent_id": intent.intent_id,
                "order_ref": intent.order_ref,
            },
        }
        options = {"idempotency_key": f"refund-{request.refund_id}"}
        try:
            content = self._library.call(lambda v1: v1.refunds.create(params, options))
        except OutcomeUnknown:
            return RefundStatus(GatewayRefundState.UNKNOWN, reason="no_answer")
        except Unavailable:
            return RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)
        except Rejected as refused:
            # The key has made a refund already, of another sum: look for it.
            clash = refused.reason == "idempotency_error"
            return RefundStatus(
                GatewayRefundState.UNKNOWN if clash else GatewayRefundState.REFUSED, reason=refused.reason
            )
        return _refund_status(content, request)

    def fetch_refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        try:
            refund = next((candidate for candidate in self._refunds(intent) if _is(candidate, request)), None)
        except (Unavailable, OutcomeUnknown):
            return RefundStatus(GatewayRefundState.UNKNOWN, reason="no_answer")
        except Rejected as refused:
            return RefundStatus(GatewayRefundState.UNKNOWN, reason=refused.reason)
        if refund is not None:
            return _refund_status(refund, request)
        if request.past_grace:
            return RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)
        return RefundStatus(GatewayRefundState.UNKNOWN, reason="not_found")

    def list_payments(self, since: datetime, until: datetime) -> Sequence[GatewayPayment]:
        """Every session, by Stripe's whole seconds, its payment and charge inside."""
        bounds = {"gte": math.ceil(since.timestamp()), "lt": math.ceil(until.timestamp())}
        params = {"created": bounds, "expand": ["data.payment_intent.latest_charge"]}
        try:
            rows = self._library.rows(lambda v1: v1.checkout.sessions, params, max_pages=MAX_LIST_PAGES)
            return [self._gateway_payment(content) for content in rows]
        except (OutcomeUnknown, Rejected) as error:
            raise Unavailable("stripe") from error

    def parse_callback(self, headers: Mapping[str, str], raw: bytes) -> CallbackRef:
        """A signed event, or a browser that names our order; events about nothing we follow point nowhere."""
        if is_browser_return(headers):
            content = fields_of(headers, raw)
            order_ref = content.get("order_ref", "")
            outcome = content.get("outcome") if content.get("outcome") in PAYMENT_STATES else ""
            return CallbackRef(order_ref=order_ref or None, event_id=event_id("return", order_ref, str(outcome)))
        self._must_be_signed(headers.get("stripe-signature", ""), raw)
        event = json_object(raw)
        event_id_, kind, about = event.get("id"), event.get("type"), _part(_part(event, "data"), "object")
        if not isinstance(event_id_, str) or not event_id_ or not isinstance(kind, str):
            raise Problem("malformed_body", reason=Reason.NOT_AN_EVENT)
        if not kind.startswith(FOLLOWED_EVENTS):
            return CallbackRef(event_id=event_id_, is_retried_by_sender=True)
        ours = _part(about, "metadata").get("order_ref")
        if isinstance(ours, str) and ours:
            return CallbackRef(order_ref=ours, event_id=event_id_, is_retried_by_sender=True)
        session = about.get("id") if about.get("object") == "checkout.session" else None
        return CallbackRef(
            gateway_ref=session if isinstance(session, str) else None, event_id=event_id_, is_retried_by_sender=True
        )

    def _must_be_signed(self, header: str, raw: bytes) -> None:
        """Raises Problem("webhook_forged"): no signature of ours, or made too long ago, or not yet."""
        parts = [part.strip().partition("=") for part in header.split(",")]
        times = [value for name, _, value in parts if name == "t"]
        signatures = [value for name, _, value in parts if name == "v1"]
        if len(times) != 1 or not TIMESTAMP.fullmatch(times[0]):
            raise Problem("webhook_forged")
        right = hmac.new(self._webhook_secret, times[0].encode() + b"." + raw, hashlib.sha256).hexdigest().encode()
        matches = [hmac.compare_digest(right, item.encode("utf-8", "replace")) for item in signatures]
        if not any(matches) or abs(self._now().timestamp() - int(times[0])) > TOLERANCE_SECONDS:
            raise Problem("webhook_forged")

    def _payment_status(self, session: Mapping[str, Any]) -> PaymentStatus:
        """A session's own word, with the payment's and the charge's where it has got that far."""
        status, paid, payment = (
            str(session.get("status")),
            str(session.get("payment_status")),
            session.get("payment_intent"),
        )
        moving = _part(session, "payment_intent")
        if status == "expired":
            return PaymentStatus(PaymentState.FAILED, reason="expired")
        if status == "open" and paid == "unpaid":
            return PaymentStatus(PaymentState.UNPAID, reason="open")
        if status != "complete" or paid not in ("paid", "unpaid"):
            return PaymentStatus(PaymentState.UNKNOWN, reason=paid if status == "complete" else status)
        if paid == "unpaid":
            gone = moving.get("status") in ("canceled", "requires_payment_method")
            return PaymentStatus(
                PaymentState.FAILED if gone else PaymentState.PENDING, reason=str(moving.get("status") or "unpaid")
            )
        charge = _part(moving, "latest_charge")
        if charge.get("amount_refunded") or charge.get("refunded"):
            return PaymentStatus(PaymentState.REFUNDED, reason="refunded")
        if charge.get("disputed"):
            return PaymentStatus(PaymentState.UNKNOWN, reason="charge_disputed")
        reference, amount = moving.get("id", payment), session.get("amount_total")
        return PaymentStatus(
            PaymentState.PAID,
            reference=reference,
            amount_paisa=amount,
            merchant_matches=session.get("currency") == self._currency,
            reason="paid",
        )

    def _gateway_payment(self, session: Mapping[str, Any]) -> GatewayPayment:
        """A session of the list. Raises OutcomeUnknown for what is none."""
        reference, created = clean_reference(session.get("id")), session.get("created")
        order_ref = clean_reference(_part(session, "metadata").get("order_ref"))
        if reference is None or type(created) is not int:
            raise OutcomeUnknown("stripe")
        return GatewayPayment(
            reference, datetime.fromtimestamp(created, UTC), self._payment_status(session), order_ref
        )

    def _refunds(self, intent: Intent) -> Iterator[Mapping[str, Any]]:
        """All of the payment's refunds. Raises Unavailable, OutcomeUnknown or Rejected; OutcomeUnknown for more than
        anybody makes."""
        params = {"payment_intent": intent.credited_ref}
        return self._library.rows(lambda v1: v1.refunds, params, max_pages=MAX_REFUND_PAGES)


def _part(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside another; an empty one for anything else."""
    part = content.get(name)
    return part if isinstance(part, Mapping) else {}


def _is(refund: Mapping[str, Any], request: RefundRequest) -> bool:
    return _part(refund, "metadata").get("refund_id") == request.refund_id


def _refund_status(refund: Mapping[str, Any], request: RefundRequest) -> RefundStatus:
    """A refund's own word, if it is the one that was ordered."""
    reference, status = refund.get("id"), str(refund.get("status"))
    if not _is(refund, request) or refund.get("amount") != request.amount_paisa:
        return RefundStatus(GatewayRefundState.UNKNOWN, reason="another_refund")
    return RefundStatus(REFUND_STATES.get(status, GatewayRefundState.UNKNOWN), reference=reference, reason=status)
