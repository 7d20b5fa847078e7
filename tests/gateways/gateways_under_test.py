"""The gateways of these tests: the real adapters with simulated companies, the fakes, and their customers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import requests

from chalicelib.domain.payments.payment_gateway import GatewayRefundState, PaymentState, PaymentStatus, RefundStatus
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.gateways.esewa import Esewa
from chalicelib.gateways.khalti import Khalti
from chalicelib.gateways.stripe import Stripe
from chalicelib.world import PaymentGateway
from infra.local.companies.all_companies import Companies
from infra.local.simulation import Simulation
from tests.world.fakes import FakeGateway

RETURN_URL = "https://api.example.com/back"


@dataclass
class GatewayUnderTest:
    """A gateway, and what its customers do there."""

    gateway: PaymentGateway
    pay: Callable[[Intent, str], object]
    break_: Callable[[], object]

    def opened(self, intent: Intent) -> Intent:
        """The intent with its checkout, as our tables store it, and the customer on the pay page."""
        checkout = self.gateway.create_checkout(intent)
        if checkout.form_fields and isinstance(self.gateway, Esewa):
            answer = requests.post(checkout.payment_url, data=dict(checkout.form_fields), timeout=60)
            assert answer.status_code == 200
        return intent.with_checkout(checkout)


def intent(number: int = 1, paisa: int = 50_000) -> Intent:
    """An intent of this moment: Stripe accepts no session of the past, and the companies begin at the real time."""
    name, now = f"01M83FTTQ8{number:016d}", datetime.now(UTC)
    return Intent(name, "user", "any", paisa, f"{name}-1", now, now + timedelta(minutes=30))


def credited(gateway_under_test: GatewayUnderTest, item: Intent) -> Intent:
    """Pay the intent and credit it. Returns the credited intent."""
    opened = gateway_under_test.opened(item)
    gateway_under_test.pay(opened, "success")
    return opened.credited(gateway_under_test.gateway.fetch_payment(opened), opened.created_at)


def real(companies: Companies, simulation: Simulation, name: str) -> PaymentGateway:
    """The adapter of that name, at the simulated company."""
    if name == "stripe":
        return stripe(companies, simulation)
    return khalti(companies) if name == "khalti" else esewa(companies)


def khalti(companies: Companies) -> Khalti:
    env = companies.environment()
    return Khalti(
        env["BIJULI_KHALTI_API_URL"],
        env["BIJULI_KHALTI_SECRET_KEY"],
        "https://bijuli.example/",
        lambda _: RETURN_URL,
        refund_url=env["BIJULI_KHALTI_REFUND_URL"],
        partial_refunds=True,
    )


def stripe(companies: Companies, simulation: Simulation, timeout_seconds: tuple[float, float] = (2.0, 6.0)) -> Stripe:
    env = companies.environment()
    return Stripe(
        env["BIJULI_STRIPE_API_URL"],
        secret_key=env["BIJULI_STRIPE_SECRET_KEY"],
        webhook_secret=env["BIJULI_STRIPE_WEBHOOK_SECRET"],
        currency=env["BIJULI_STRIPE_CURRENCY"],
        return_url_of=lambda item, outcome: f"{RETURN_URL}?order_ref={item.order_ref}&outcome={outcome}",
        now=simulation.clock.now,
        timeout_seconds=timeout_seconds,
    )


def esewa(companies: Companies) -> Esewa:
    env = companies.environment()
    return Esewa(
        env["BIJULI_ESEWA_FORM_URL"],
        env["BIJULI_ESEWA_STATUS_URL"],
        env["BIJULI_ESEWA_PRODUCT_CODE"],
        env["BIJULI_ESEWA_SECRET_KEY"],
        lambda _, outcome: f"{RETURN_URL}/{outcome}",
    )


def fake(name: str) -> GatewayUnderTest:
    gateway = FakeGateway(name, payment_status=PaymentStatus(PaymentState.UNPAID))
    if name == "esewa":
        gateway.refund_status = RefundStatus(GatewayRefundState.BY_HAND)
    content: dict[str, Callable[[Intent], PaymentStatus]] = {
        "success": lambda item: PaymentStatus(PaymentState.PAID, f"paid-{item.order_ref}", item.amount_paisa),
        "wrong_amount": lambda item: PaymentStatus(
            PaymentState.PAID, f"paid-{item.order_ref}", item.amount_paisa - 100
        ),
        "cancel": lambda _: PaymentStatus(
            PaymentState.UNPAID if name == "stripe" else PaymentState.FAILED, reason="cancelled"
        ),
        "pending": lambda _: PaymentStatus(PaymentState.PENDING),
    }
    return GatewayUnderTest(
        gateway,
        lambda item, outcome: gateway.payment_statuses.update({item.intent_id: content[outcome](item)}),
        lambda: _lost(gateway),
    )


def _lost(gateway: FakeGateway) -> None:
    gateway.payment_status = PaymentStatus(PaymentState.UNKNOWN)
    if gateway.name != "esewa":
        gateway.refund_status = RefundStatus(GatewayRefundState.UNKNOWN)
