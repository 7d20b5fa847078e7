"""Requests to a payment gateway and its answers: checkout, payment, refund, callback."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.payments.gateway_values import clean_paisa, clean_reason, clean_reference

MAX_CHECK_INTERVAL = timedelta(hours=6)
"""The longest wait between two look-ups of the same payment or refund."""

NEVER_OPENED = "never_opened"
"""The reason of a payment whose checkout does not exist at its gateway."""


@dataclass(frozen=True)
class Checkout:
    """How the customer pays: the browser opens `payment_url`, or posts `form_fields` there when `method` is POST."""

    payment_url: str
    gateway_ref: str | None = None
    method: str = "GET"
    form_fields: Mapping[str, str] = field(default_factory=dict)


class PaymentState(StrEnum):
    """A payment's state at its gateway. UNKNOWN: the gateway reported no state, and the service asks again.

    UNPAID: the customer has not paid yet. PENDING: the customer has paid, and the gateway still processes it.
    REFUNDED: all of the payment went back. PARTLY_REFUNDED: a part of it went back, or may have. DISPUTED: the
    customer's bank contests the payment, so that it may have gone back.
    """

    PAID = "paid"
    PENDING = "pending"
    UNPAID = "unpaid"
    FAILED = "failed"
    REFUNDED = "refunded"
    PARTLY_REFUNDED = "partly_refunded"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"


WENT_BACK = frozenset({PaymentState.REFUNDED, PaymentState.PARTLY_REFUNDED, PaymentState.DISPUTED})
"""States of a payment of which some or all went back, or may have gone back."""


@dataclass(frozen=True)
class PaymentStatus:
    """The state of an intent's payment, from our server-to-server look-up.

    `reference` is the gateway's transaction id and `amount_paisa` the paid amount: both None unless the customer has
    paid, and None for an impossible value. `refunded_paisa` is what went back of it, None where the gateway does not
    say how much. `contested_paisa` is what disputes took of it, None where the gateway does not say how much.
    `merchant_matches` is false when the gateway names another merchant or currency. `reason` is the gateway's code.
    """

    state: PaymentState
    reference: str | None = None
    amount_paisa: int | None = None
    merchant_matches: bool = True
    reason: str = ""
    refunded_paisa: int | None = None
    contested_paisa: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "reference", clean_reference(self.reference))
        object.__setattr__(self, "amount_paisa", clean_paisa(self.amount_paisa))
        object.__setattr__(self, "contested_paisa", clean_paisa(self.contested_paisa))
        object.__setattr__(self, "refunded_paisa", clean_paisa(self.refunded_paisa))
        object.__setattr__(self, "reason", clean_reason(self.reason))

    @property
    def opened(self) -> bool:
        """Whether the customer may have opened the checkout. A checkout that nobody opened is rarely paid."""
        return self.state is not PaymentState.UNPAID and self.reason != NEVER_OPENED

    @property
    def remaining_paisa(self) -> int | None:
        """What the gateway still has of the payment. None where it has nothing, or does not say what was paid.

        A part that went back counts only where the gateway says how much it is.
        """
        holds_money = self.state in (PaymentState.PAID, PaymentState.PARTLY_REFUNDED, PaymentState.DISPUTED)
        if not holds_money or self.amount_paisa is None:
            return None
        return max(0, self.amount_paisa - (self.refunded_paisa or 0) - (self.contested_paisa or 0))


@dataclass(frozen=True)
class GatewayPayment:
    """A payment in a gateway's list. `reference` is the gateway's, `order_ref` is ours if the payment holds it."""

    reference: str
    created_at: datetime
    status: PaymentStatus
    order_ref: str | None = None


class GatewayRefundState(StrEnum):
    """A refund's state at its gateway. BY_HAND: only an operator can pay it or find out."""

    DONE = "done"
    PENDING = "pending"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    BY_HAND = "by_hand"


@dataclass(frozen=True)
class RefundRequest:
    """A refund of `amount_paisa` of an intent's payment, of which the gateway paid back `previously_refunded_paisa`.

    `refund_id` is unique: gateways with idempotency keys receive it as one. `past_grace`: the request was sent so
    long ago that the gateway either has it or never receives it.
    """

    refund_id: str
    amount_paisa: int
    previously_refunded_paisa: int = 0
    past_grace: bool = False


NOT_EXECUTED = "not_executed"
"""The reason of a REFUSED refund that the gateway surely did not execute: it may be sent again."""

REFUNDED_ELSEWHERE = "refunded_elsewhere"
"""The reason of a refund BY_HAND of whose payment some went back, but not by this refund."""

MOBILE_NEEDED = "mobile_needed"
"""The reason of a refund BY_HAND that needs the mobile number of the payer."""


@dataclass(frozen=True)
class RefundStatus:
    """A refund's state at its gateway.

    `reference` is the gateway's, if it has one; `reason` is the gateway's code.
    """

    state: GatewayRefundState
    reference: str | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reference", clean_reference(self.reference))
        object.__setattr__(self, "reason", clean_reason(self.reason))

    @property
    def is_final_refusal(self) -> bool:
        """Whether the gateway refuses the refund for good."""
        return self.state is GatewayRefundState.REFUSED and self.reason != NOT_EXECUTED


@dataclass(frozen=True)
class CallbackRef:
    """The payment that a callback or a returning browser names, by one of the three references or by none.

    `payment_ref` is the gateway's transaction of a credited payment. `is_reversal`: money of the payment
    went back, or may go back.

    `event_id` names the callback, so that the service handles it once. `is_retried_by_sender`: the gateway repeats
    the callback until the service accepts it, so it is accepted even when it names no payment of ours.
    """

    order_ref: str | None = None
    gateway_ref: str | None = None
    payment_ref: str | None = None
    event_id: str = ""
    is_reversal: bool = False
    is_retried_by_sender: bool = False
