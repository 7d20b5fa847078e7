"""The gateway of the seed's top-up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.payments.payment_gateway import (
    CallbackRef,
    Checkout,
    GatewayRefundState,
    PaymentState,
    PaymentStatus,
    RefundRequest,
    RefundStatus,
)
from chalicelib.domain.payments.topup_intent import Intent


@dataclass
class AlwaysPaidGateway:
    """A gateway that reports every top-up as paid, so that the service credits the seed's top-up."""

    name: str = "khalti"

    def create_checkout(self, intent: Intent) -> Checkout:
        return Checkout("https://example.com/paid", f"seed-{intent.intent_id}")

    def fetch_payment(self, intent: Intent) -> PaymentStatus:
        return PaymentStatus(PaymentState.PAID, f"seed-{intent.intent_id}", intent.amount_paisa)

    def refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:  # noqa: ARG002
        return RefundStatus(GatewayRefundState.BY_HAND)

    def fetch_refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:  # noqa: ARG002
        return RefundStatus(GatewayRefundState.BY_HAND)

    def list_payments(self, since: datetime, until: datetime) -> None:
        pass

    def parse_callback(self, headers: Mapping[str, str], raw: bytes) -> CallbackRef:  # noqa: ARG002  the seed gets no callback
        return CallbackRef()
