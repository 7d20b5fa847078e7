"""The stand-in for a retired gateway, which is no longer configured while payments or refunds are open there."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.domain.payments.payment_gateway import (
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
from chalicelib.world import PaymentGateway, Unavailable, World

GATEWAY_MISSING = "no_such_gateway"


def gateway_for(world: World, name: str) -> PaymentGateway:
    """The configured gateway of that name, or its stand-in. An operator ends what is open at a stand-in."""
    return world.gateways.get(name) or RetiredGateway(name)


class RetiredGateway:
    """World's PaymentGateway for a removed gateway: every look-up is unknown, and nothing is sent."""

    # ruff: noqa: ARG002  the answers do not depend on the arguments

    def __init__(self, name: str) -> None:
        self.name = name

    def create_checkout(self, intent: Intent) -> Checkout:
        raise Unavailable(self.name)

    def fetch_payment(self, intent: Intent) -> PaymentStatus:
        return PaymentStatus(PaymentState.UNKNOWN, reason=GATEWAY_MISSING)

    def refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        return RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)

    def fetch_refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        return RefundStatus(GatewayRefundState.UNKNOWN, reason=GATEWAY_MISSING)

    def list_payments(self, since: datetime, until: datetime) -> Sequence[GatewayPayment] | None:
        raise Unavailable(self.name)

    def parse_callback(self, headers: Mapping[str, str], raw: bytes) -> CallbackRef:
        raise Unavailable(self.name)
