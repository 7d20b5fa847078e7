"""Stripe's callbacks: events that Stripe signs, and browsers that return from its page."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.payments.payment_gateway import CallbackRef
from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.problems.problems import Problem
from chalicelib.gateways.callback_parsing import event_id, fields_of, is_browser_return, json_object
from chalicelib.gateways.stripe_answers import part_of

TOLERANCE_SECONDS = 300
TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
PAYMENT_STATES = ("success", "cancel")
REVERSALS = ("charge.refunded", "charge.refund.", "charge.dispute.", "refund.")
"""Events about money that goes back. Refunds at Stripe's desk and disputes carry no metadata of ours."""
FOLLOWED_EVENTS = ("checkout.session.", "payment_intent.", "charge.", "refund.")


def parse_callback(headers: Mapping[str, str], raw: bytes, *, secret: bytes, now: datetime) -> CallbackRef:
    """The payment that a signed event, or a browser's query, points at.

    An event of another kind than FOLLOWED_EVENTS points at nothing. Raises Problem: webhook_forged, malformed_body,
    and what `fields_of` raises.
    """
    if is_browser_return(headers):
        content = fields_of(headers, raw)
        order_ref = content.get("order_ref", "")
        outcome = content.get("outcome") if content.get("outcome") in PAYMENT_STATES else ""
        return CallbackRef(order_ref=order_ref or None, event_id=event_id("return", order_ref, str(outcome)))
    _must_be_signed(headers.get("stripe-signature", ""), raw, secret, now)
    event = json_object(raw)
    event_id_, kind, about = event.get("id"), event.get("type"), part_of(part_of(event, "data"), "object")
    if not isinstance(event_id_, str) or not event_id_ or not isinstance(kind, str):
        raise Problem("malformed_body", reason=Reason.NOT_AN_EVENT)
    if not kind.startswith(FOLLOWED_EVENTS):
        return CallbackRef(event_id=event_id_, is_retried_by_sender=True)
    ours = part_of(about, "metadata").get("order_ref")
    callback = CallbackRef(event_id=event_id_, is_retried_by_sender=True, is_reversal=kind.startswith(REVERSALS))
    if isinstance(ours, str) and ours:
        return replace(callback, order_ref=ours)
    if about.get("object") == "checkout.session":
        session_id = about.get("id")
        return replace(callback, gateway_ref=session_id if isinstance(session_id, str) else None)
    return replace(callback, payment_ref=_payment_of(about))


def _payment_of(about: Mapping[str, Any]) -> str | None:
    """The payment that a charge, a refund or a dispute is about, by its id or expanded."""
    payment = about.get("id") if about.get("object") == "payment_intent" else about.get("payment_intent")
    payment_id = payment.get("id") if isinstance(payment, Mapping) else payment
    return payment_id if isinstance(payment_id, str) else None


def _must_be_signed(header: str, raw: bytes, secret: bytes, now: datetime) -> None:
    """Raises Problem("webhook_forged") without a signature by our secret within TOLERANCE_SECONDS of `now`."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    signatures = [value for name, _, value in parts if name == "v1"]
    if len(times) != 1 or not TIMESTAMP.fullmatch(times[0]):
        raise Problem("webhook_forged")
    expected = hmac.new(secret, times[0].encode() + b"." + raw, hashlib.sha256).hexdigest().encode()
    matches = [hmac.compare_digest(expected, item.encode("utf-8", "replace")) for item in signatures]
    if not any(matches) or abs(now.timestamp() - int(times[0])) > TOLERANCE_SECONDS:
        raise Problem("webhook_forged")
