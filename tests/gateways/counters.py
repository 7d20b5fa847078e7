"""Where payments are made in these tests: the real adapters at simulated companies, the fakes, and customers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import requests

from chalicelib.domain.payment_gateway import Outcome, Paid, Repaid, Repayment
from chalicelib.domain.topup import Intent
from chalicelib.gateways.esewa import Esewa
from chalicelib.gateways.khalti import Khalti
from chalicelib.gateways.stripe import Stripe
from chalicelib.world import PaymentGateway
from infra.local.companies import Companies
from infra.local.stage import Stage
from tests.fakes import FakeGateway

BACK = "https://api.example.com/back"


@dataclass
class Counter:
    """A gateway, and the customer's side of it."""

    gateway: PaymentGateway
    pay: Callable[[Intent, str], object]
    break_: Callable[[], object]

    def opened(self, intent: Intent) -> Intent:
        """The intent as our tables would keep it, and the customer on the pay page."""
        checkout = self.gateway.open(intent)
        if checkout.form_fields and isinstance(self.gateway, Esewa):
            answer = requests.post(checkout.payment_url, data=dict(checkout.form_fields), timeout=5)
            assert answer.status_code == 200
        return intent.opened(checkout)


def intent(number: int = 1, paisa: int = 50_000) -> Intent:
    """Made just now: Stripe takes no session of the past, and the companies' time is the real one until turned."""
    name, now = f"01M83FTTQ8{number:016d}", datetime.now(UTC)
    return Intent(name, "user", "any", paisa, f"{name}-1", now, now + timedelta(minutes=30))


def credited(counter: Counter, one: Intent) -> Intent:
    """Paid, and taken in by us."""
    opened = counter.opened(one)
    counter.pay(opened, "success")
    return opened.credited(counter.gateway.look(opened), opened.created_at)


def real(made: Companies, stage: Stage, name: str) -> PaymentGateway:
    """The adapter of that name, at the simulated company."""
    if name == "stripe":
        return stripe(made, stage)
    return khalti(made) if name == "khalti" else esewa(made)


def khalti(made: Companies) -> Khalti:
    env = made.environment()
    return Khalti(
        env["BIJULI_KHALTI_API_URL"],
        env["BIJULI_KHALTI_SECRET_KEY"],
        "https://bijuli.example/",
        lambda _: BACK,
        refund_url=env["BIJULI_KHALTI_REFUND_URL"],
    )


def stripe(made: Companies, stage: Stage, timeout_seconds: tuple[float, float] = (2.0, 6.0)) -> Stripe:
    env = made.environment()
    return Stripe(
        env["BIJULI_STRIPE_API_URL"],
        secret_key=env["BIJULI_STRIPE_SECRET_KEY"],
        webhook_secret=env["BIJULI_STRIPE_WEBHOOK_SECRET"],
        currency=env["BIJULI_STRIPE_CURRENCY"],
        return_url_of=lambda one, outcome: f"{BACK}?order_ref={one.order_ref}&outcome={outcome}",
        now=stage.clock.now,
        timeout_seconds=timeout_seconds,
    )


def esewa(made: Companies) -> Esewa:
    env = made.environment()
    return Esewa(
        env["BIJULI_ESEWA_FORM_URL"],
        env["BIJULI_ESEWA_STATUS_URL"],
        env["BIJULI_ESEWA_PRODUCT_CODE"],
        env["BIJULI_ESEWA_SECRET_KEY"],
        lambda _, outcome: f"{BACK}/{outcome}",
    )


def fake(name: str) -> Counter:
    gateway = FakeGateway(name, outcome=Outcome(Paid.UNPAID))
    if name == "esewa":
        gateway.repayment = Repayment(Repaid.BY_HAND)
    told: dict[str, Callable[[Intent], Outcome]] = {
        "success": lambda one: Outcome(Paid.PAID, f"paid-{one.order_ref}", one.amount_paisa),
        "wrong_amount": lambda one: Outcome(Paid.PAID, f"paid-{one.order_ref}", one.amount_paisa - 100),
        "cancel": lambda _: Outcome(Paid.UNPAID if name == "stripe" else Paid.FAILED, reason="cancelled"),
        "pending": lambda _: Outcome(Paid.PENDING),
    }
    return Counter(
        gateway,
        lambda one, outcome: gateway.outcomes.update({one.intent_id: told[outcome](one)}),
        lambda: _lost(gateway),
    )


def _lost(gateway: FakeGateway) -> None:
    gateway.outcome = Outcome(Paid.UNKNOWN)
    if gateway.name != "esewa":
        gateway.repayment = Repayment(Repaid.UNKNOWN)
