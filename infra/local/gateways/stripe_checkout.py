"""New Checkout Sessions of the simulated Stripe."""

import secrets
from datetime import UTC, datetime, timedelta

from infra.local.gateways.stripe_objects import JsonObject, Session
from infra.local.gateways.stripe_wire import SESSION_FIELDS, StripeError, whole

MIN_SESSION, MAX_SESSION = timedelta(minutes=30), timedelta(hours=24)
MIN_PAISA = 7_000
"""About half a dollar."""


def new_session(content: JsonObject, now: datetime, pay_url: str) -> Session:
    """The Checkout Session that the fields `content` ask for. Its page is `pay_url` and its name.

    Raises StripeError for an unknown or missing field, a time outside Stripe's limits, or too small an amount.
    """
    _check_names(content)
    expires_at = datetime.fromtimestamp(whole(content, "expires_at"), UTC)
    if not now + MIN_SESSION <= expires_at <= now + MAX_SESSION:
        raise StripeError(
            400, "The `expires_at` timestamp must be 30 minutes to 24 hours from now.", param="expires_at"
        )
    item = content["line_items"][0]
    paisa = whole(item["price_data"], "unit_amount") * whole(item, "quantity")
    if paisa < MIN_PAISA:
        raise StripeError(400, "The total amount due is too small.", code="amount_too_small")
    name = f"cs_test_{secrets.token_hex(16)}"
    return Session(
        name,
        str(content.get("metadata", {}).get("order_ref", name)),
        paisa,
        content["success_url"],
        expires_at,
        "open",
        failure_url=content.get("cancel_url", ""),
        created=now,
        currency=item["price_data"]["currency"],
        client_reference_id=content.get("client_reference_id", ""),
        metadata=content.get("metadata", {}),
        payment_metadata=content.get("payment_intent_data", {}).get("metadata", {}),
        page_url=f"{pay_url}{name}",
    )


def _check_names(content: JsonObject) -> None:
    unknown = sorted(content.keys() - SESSION_FIELDS)
    if unknown:
        raise StripeError(
            400, f"Received unknown parameter: {unknown[0]}", code="parameter_unknown", param=unknown[0]
        )
    for name in ("mode", "success_url", "line_items"):
        if not content.get(name):
            raise StripeError(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
