"""Our payment gateways, pointed at a server that gives any response."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.gateways.esewa import Esewa
from chalicelib.gateways.khalti import Khalti
from chalicelib.gateways.stripe import Stripe
from chalicelib.world import PaymentGateway
from tests.gateways.odd_server import ORDER_REF

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
INTENT = Intent("01M8", "user", "any", 50_000, ORDER_REF, NOW, NOW + timedelta(minutes=30), gateway_ref="pidx")
BACK = "https://api.example.com/back"
SHORT_TIMEOUTS = (1.0, 0.05)


def khalti(url: str) -> Khalti:
    back = "https://api.example.com/back"
    return Khalti(
        url, "key", "https://bijuli.example/", lambda _: back, SHORT_TIMEOUTS, refund_url=url, partial_refunds=True
    )


def esewa(url: str, timeout_seconds: tuple[float, float] = SHORT_TIMEOUTS) -> Esewa:
    return Esewa(url, f"{url}status/", "OURS", "key", lambda _, __: "https://api.example.com/back", timeout_seconds)


def stripe(url: str, timeout_seconds: tuple[float, float] = SHORT_TIMEOUTS) -> Stripe:
    return Stripe(
        url,
        secret_key="key",
        webhook_secret="secret",
        currency="npr",
        return_url_of=lambda _, __: "https://api.example.com/back",
        now=lambda: NOW,
        timeout_seconds=timeout_seconds,
    )


def with_short_timeouts(gateway: str, url: str) -> PaymentGateway:
    """The gateway with short time-outs, for tests of silence."""
    made: Mapping[str, Callable[[str], PaymentGateway]] = {"khalti": khalti, "esewa": esewa, "stripe": stripe}
    return made[gateway](url)


def with_long_timeouts(gateway: str, url: str) -> PaymentGateway:
    """The gateway with time-outs that a busy machine does not reach."""
    if gateway == "esewa":
        return esewa(url, (2.0, 6.0))
    if gateway == "stripe":
        return stripe(url, (2.0, 6.0))
    return Khalti(url, "key", "https://bijuli.example/", lambda _: BACK, refund_url=url, partial_refunds=True)
