"""Payment gateways."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.domain.payments.payment_gateway import (
    CallbackRef,
    Checkout,
    GatewayPayment,
    PaymentStatus,
    RefundRequest,
    RefundStatus,
)
from chalicelib.domain.payments.topup_intent import Intent


class PaymentGateway(Protocol):
    """A gateway through which customers pay. An unknown status is a value here, never an exception."""

    name: str

    def create_checkout(self, intent: Intent) -> Checkout:
        """Begin a payment. Raises Unavailable (the customer can't pay yet) or Rejected."""
        ...

    def fetch_payment(self, intent: Intent) -> PaymentStatus:
        """The payment's status, by a call to the gateway. Never raises for the network."""
        ...

    def refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        """Send the refund once. Never raises for the network. After UNKNOWN, call `fetch_refund` and nothing else.

        REFUSED for NOT_EXECUTED, from here or from `fetch_refund`, is the only status after which the same request
        may be sent once more.
        """
        ...

    def fetch_refund(self, intent: Intent, request: RefundRequest) -> RefundStatus:
        """The status of a refund that was sent, by a call to the gateway. UNKNOWN while the gateway does not say."""
        ...

    def list_payments(self, since: datetime, until: datetime) -> Sequence[GatewayPayment] | None:
        """All payments begun at the gateway in [since, until). None for a gateway that lists none. Raises
        Unavailable."""
        ...

    def parse_callback(self, headers: Mapping[str, str], raw: bytes) -> CallbackRef:
        """What a callback refers to. `raw` is its body, or the query string of a browser that returns.

        Names in `headers` are in lower case; `:method` holds the HTTP method. Raises Problem: webhook_forged for a
        wrong signature; malformed_body, unsupported_media_type or invalid_input for what can't be read.
        """
        ...
