"""A gateway where we have no account any more, though payments and refunds of ours are still open there."""

from collections.abc import Mapping, Sequence
from datetime import datetime

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
from chalicelib.domain.topup import Intent
from chalicelib.world import Away, PaymentGateway, World

REASON = "no_such_gateway"


def gateway_of(world: World, name: str) -> PaymentGateway:
    """The gateway of that name, or its stand-in: what is open there becomes an operator's in time."""
    return world.gateways.get(name) or Parted(name)


class Parted:
    """World's PaymentGateway where nobody answers us: all is unknown, and nothing is sent."""

    # ruff: noqa: ARG002  what is asked makes no difference here

    def __init__(self, name: str) -> None:
        self.name = name

    def open(self, intent: Intent) -> Checkout:
        raise Away(self.name)

    def look(self, intent: Intent) -> Outcome:
        return Outcome(Paid.UNKNOWN, reason=REASON)

    def refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        return Repayment(Repaid.REFUSED, reason=NEVER_HAPPENED)

    def look_refund(self, intent: Intent, order: RefundOrder) -> Repayment:
        return Repayment(Repaid.UNKNOWN, reason=REASON)

    def listed(self, since: datetime, until: datetime) -> Sequence[Listed] | None:
        raise Away(self.name)

    def heard(self, headers: Mapping[str, str], raw: bytes) -> Hint:
        raise Away(self.name)
