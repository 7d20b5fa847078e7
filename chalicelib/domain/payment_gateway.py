"""What goes to a payment gateway and what it answers: checkout, payment, refund, callback."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.gateway_values import clean_paisa, clean_reason, clean_reference

MAX_CHECK_INTERVAL = timedelta(hours=6)
"""Between two look-ups of the same payment or refund at its gateway."""


@dataclass(frozen=True)
class Checkout:
    """How the customer pays: open `payment_url`; `form_fields` are posted there when `method` is POST."""

    payment_url: str
    gateway_ref: str | None = None
    method: str = "GET"
    form_fields: Mapping[str, str] = field(default_factory=dict)


class PaymentState(StrEnum):
    """What a look-up at a gateway tells. `UNKNOWN` is a value: asked again later, never assumed.

    `UNPAID` is a plain word: nobody has paid so far. `PENDING`: somebody has, and the gateway is still at it.
    """

    PAID = "paid"
    PENDING = "pending"
    UNPAID = "unpaid"
    FAILED = "failed"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PaymentStatus:
    """The gateway's own word on an intent, from our server-to-server look-up.

    `reference` is the gateway's transaction id and `amount_paisa` what was really paid (both None unless PAID);
    `merchant_matches` is false when the gateway names another merchant or currency; `reason` is the vendor's word.
    What nobody could mean is None.
    """

    state: PaymentState
    reference: str | None = None
    amount_paisa: int | None = None
    merchant_matches: bool = True
    reason: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reference", clean_reference(self.reference))
        object.__setattr__(self, "amount_paisa", clean_paisa(self.amount_paisa))
        object.__setattr__(self, "reason", clean_reason(self.reason))


@dataclass(frozen=True)
class GatewayPayment:
    """A payment in a gateway's own list: `reference` is its name there, `order_ref` ours where it carries one."""

    reference: str
    created_at: datetime
    status: PaymentStatus
    order_ref: str | None = None


class GatewayRefundState(StrEnum):
    """What became of a refund at a gateway. `BY_HAND`: it has no way to refund, a person must."""

    DONE = "done"
    PENDING = "pending"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    BY_HAND = "by_hand"


@dataclass(frozen=True)
class RefundRequest:
    """Give back `amount_paisa` of what was credited for an intent; its gateway gave back `previously_refunded_paisa`
    earlier.

    `refund_id` is ours and never names two refunds: gateways that know idempotency keys are given it. `past_grace`:
    it was sent so long before this look-up that it has arrived by now, or never will.
    """

    refund_id: str
    amount_paisa: int
    previously_refunded_paisa: int = 0
    past_grace: bool = False


NOT_EXECUTED = "not_executed"
"""Why a refund is REFUSED that the gateway has surely not made: nothing keeps it from being sent once more."""


@dataclass(frozen=True)
class RefundStatus:
    """The gateway's own word on a refund; `reference` is its name there where it has one, `reason` its word."""

    state: GatewayRefundState
    reference: str | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reference", clean_reference(self.reference))
        object.__setattr__(self, "reason", clean_reason(self.reason))

    @property
    def is_final_refusal(self) -> bool:
        """Refused, and sent once more it would be refused again."""
        return self.state is GatewayRefundState.REFUSED and self.reason != NOT_EXECUTED


@dataclass(frozen=True)
class CallbackRef:
    """What a callback or a browser return points at; it decides nothing. One of the two references is set, or none.

    `event_id` names the news at its gateway, so that it is taken in once. `is_retried_by_sender`: its sender repeats
    it until it is taken, also where it is about nothing of ours.
    """

    order_ref: str | None = None
    gateway_ref: str | None = None
    event_id: str = ""
    is_retried_by_sender: bool = False
