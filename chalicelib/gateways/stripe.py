"""Stripe: Checkout Sessions, refunds with idempotency keys, and signed events."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from chalicelib.domain.configuration.gateway_registry import GatewayAccount
from chalicelib.domain.payments.gateway_values import clean_reference
from chalicelib.domain.payments.payment_gateway import (
    NEVER_OPENED,
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
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.gateways import stripe_events
from chalicelib.gateways.http_client import TIMEOUT_SECONDS
from chalicelib.gateways.stripe_answers import (
    disputed_payment_of,
    gateway_payment_of,
    is_refund_of,
    payment_status_of,
    refund_status_of,
)
from chalicelib.gateways.stripe_client import StripeLibrary
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable

MIN_OPEN = timedelta(minutes=30)
"""The shortest time after which Stripe lets a session expire."""
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
        """The same intent gives the same session, by its idempotency key. Raises Unavailable or Rejected."""
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
            # Adaptive pricing would charge another currency, and so another amount than the intent's.
            "adaptive_pricing": {"enabled": False},
            # The expiry depends on the intent alone, so that a second call with the same key is the same call.
            "expires_at": int((intent.expires_at + MIN_OPEN).timestamp()),
        }
        options = {"idempotency_key": f"open-{intent.order_ref}"}
        try:
            content = self._library.call(lambda v1: v1.checkout.sessions.create(params, options))
        except OutcomeUnknown as error:
            # A lost answer is harmless: the customer has no address to pay at.
            raise Unavailable("stripe") from error
        session_id, url = clean_reference(content.get("id")), content.get("url")
        if session_id is None or not isinstance(url, str):
            raise Unavailable("stripe")
        return Checkout(url, gateway_ref=session_id)

    def fetch_payment(self, intent: Intent) -> PaymentStatus:
        session_id = intent.gateway_ref
        if session_id is None:
            return PaymentStatus(PaymentState.FAILED, reason=NEVER_OPENED)
        params = {"expand": ["payment_intent.latest_charge"]}
        try:
            content = self._library.call(lambda v1: v1.checkout.sessions.retrieve(session_id, params))
            disputes = self._disputes(content)
        except (Unavailable, OutcomeUnknown):
            return PaymentStatus(PaymentState.UNKNOWN, reason="no_answer")
        except Rejected as refused:
            return PaymentStatus(PaymentState.UNKNOWN, reason=refused.reason)
        if content.get("id") != session_id:
            return PaymentStatus(PaymentState.UNKNOWN, reason="another_session" if content.get("id") else "no_status")
        if content.get("client_reference_id") != intent.intent_id:
            return PaymentStatus(PaymentState.UNKNOWN, reason="another_intent")
        return payment_status_of(content, self._currency, disputes)

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
            # The key belongs to a refund of another amount: look it up.
            clash = refused.reason == "idempotency_error"
            return RefundStatus(
                GatewayRefundState.UNKNOWN if clash else GatewayRefundState.REFUSED, reason=refused.reason
            )
        return refund_status_of(content, request)

    def fetch_refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        try:
            refund = next(
                (candidate for candidate in self._refunds(intent) if is_refund_of(candidate, request)), None
            )
        except (Unavailable, OutcomeUnknown):
            return RefundStatus(GatewayRefundState.UNKNOWN, reason="no_answer")
        except Rejected as refused:
            return RefundStatus(GatewayRefundState.UNKNOWN, reason=refused.reason)
        if refund is not None:
            return refund_status_of(refund, request)
        if request.past_grace:
            return RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)
        return RefundStatus(GatewayRefundState.UNKNOWN, reason="not_found")

    def list_payments(self, since: datetime, until: datetime) -> Sequence[GatewayPayment]:
        """Every session that was created in the span, with its payment and charge expanded.

        Stripe counts whole seconds.
        """
        bounds = {"gte": math.ceil(since.timestamp()), "lt": math.ceil(until.timestamp())}
        params = {"created": bounds, "expand": ["data.payment_intent.latest_charge"]}
        try:
            rows = self._library.rows(lambda v1: v1.checkout.sessions, params, max_pages=MAX_LIST_PAGES)
            return [gateway_payment_of(content, self._currency, self._disputes(content)) for content in rows]
        except (OutcomeUnknown, Rejected) as error:
            raise Unavailable("stripe") from error

    def parse_callback(self, headers: Mapping[str, str], raw: bytes) -> CallbackRef:
        return stripe_events.parse_callback(headers, raw, secret=self._webhook_secret, now=self._now())

    def _disputes(self, session: Mapping[str, Any]) -> Sequence[Mapping[str, Any]] | None:
        """The disputes of a session's payment. None when it was never disputed, empty when Stripe does not list them.

        Raises Unavailable or OutcomeUnknown.
        """
        payment_id = disputed_payment_of(session)
        if payment_id is None:
            return None
        params = {"payment_intent": payment_id}
        try:
            return list(self._library.rows(lambda v1: v1.disputes, params, max_pages=MAX_REFUND_PAGES))
        except Rejected:
            return ()

    def _refunds(self, intent: Intent) -> Iterator[Mapping[str, Any]]:
        """All of the payment's refunds. Raises Unavailable, Rejected or OutcomeUnknown, also for more than
        MAX_REFUND_PAGES pages."""
        params = {"payment_intent": intent.credited_ref}
        return self._library.rows(lambda v1: v1.refunds, params, max_pages=MAX_REFUND_PAGES)
