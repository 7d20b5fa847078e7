"""A top-up intent and its states."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.operations.backoff import doubled
from chalicelib.domain.payments.payment_gateway import MAX_CHECK_INTERVAL, Checkout, PaymentStatus
from chalicelib.domain.problems.illegal_move import must_be_allowed


class IntentState(StrEnum):
    """The stored state of a top-up. A pending top-up that has expired is shown as `failed` with reason `expired`."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NEEDS_REVIEW = "disputed"


MAX_UNOPENED_INTERVAL = timedelta(days=1)
"""The wait between two look-ups of an expired top-up whose checkout nobody opened."""
UNRESOLVED = "unresolved"
"""The reason of an intent in review for which the gateway never reported a payment state."""

# Money that arrives after a cancellation or an expiry is still credited: only `success` is final.
# An intent leaves `disputed` when an operator acts. With the reason `unresolved` it also leaves when its gateway
# answers.
MOVES: Mapping[IntentState, frozenset[IntentState]] = {
    IntentState.PENDING: frozenset(
        {IntentState.SUCCESS, IntentState.FAILED, IntentState.CANCELLED, IntentState.NEEDS_REVIEW}
    ),
    IntentState.FAILED: frozenset({IntentState.SUCCESS, IntentState.NEEDS_REVIEW}),
    IntentState.CANCELLED: frozenset({IntentState.SUCCESS, IntentState.NEEDS_REVIEW}),
    IntentState.NEEDS_REVIEW: frozenset({IntentState.SUCCESS, IntentState.NEEDS_REVIEW}),
    IntentState.SUCCESS: frozenset(),
}


@dataclass(frozen=True)
class Intent:
    """A customer's top-up of `amount_paisa` at `gateway`. `order_ref` is our reference of it at the gateway."""

    intent_id: str
    user_id: str
    gateway: str
    amount_paisa: int
    order_ref: str
    created_at: datetime
    expires_at: datetime
    state: IntentState = IntentState.PENDING
    return_url: str | None = None
    gateway_ref: str | None = None
    """The gateway's reference of the checkout. None until the checkout is created, and where a form is posted."""
    payment_url: str | None = None
    credited_ref: str | None = None
    """The gateway's transaction that paid the credited top-up."""
    credited_seq: int | None = None
    """The number of the posting that credited the top-up."""
    points_earned: int = 0
    """Points that the top-up earns. A message written with the credit awards them."""
    reason: str | None = None
    checks_count: int = 0
    next_check_at: datetime | None = None
    """When the sweep asks the gateway next. None when no look-up remains."""
    verified_at: datetime | None = None
    """When the service last asked the gateway because the customer's app wanted to know."""
    resolved_at: datetime | None = None
    """When the top-up was credited or sent to review."""
    reported_paisa: int | None = None
    reported_reference: str | None = None
    """The amount and the reference that the gateway reported, for an intent in review."""
    reported_refunded_paisa: int | None = None
    """The part of that amount that went back, as the gateway reported it. None when it reported no sum."""
    closed_at: datetime | None = None
    """When an operator closed the review. Nothing is credited after that."""
    version: int = 0

    @property
    def needs_review(self) -> bool:
        """Whether an operator must look at the intent."""
        return self.state is IntentState.NEEDS_REVIEW and self.closed_at is None

    @property
    def creditable(self) -> bool:
        """Whether a payment that the gateway reports is credited without an operator."""
        doubtful = self.needs_review and self.reason == UNRESOLVED
        return doubtful or self.state in (IntentState.PENDING, IntentState.FAILED, IntentState.CANCELLED)

    def move(self, state: IntentState, *, reason: str | None = None) -> "Intent":
        """The intent in `state`. Raises IllegalMove when MOVES forbids it."""
        must_be_allowed(MOVES, self.state, state)
        return replace(self, state=state, reason=reason)

    def may_be_verified(self, now: datetime, interval_seconds: int) -> bool:
        """Whether the service may ask the gateway again for the customer's app."""
        return self.verified_at is None or now >= self.verified_at + timedelta(seconds=interval_seconds)

    def with_checkout(self, checkout: "Checkout") -> "Intent":
        return replace(self, gateway_ref=checkout.gateway_ref, payment_url=checkout.payment_url)

    def credited(self, payment_status: "PaymentStatus", at: datetime) -> "Intent":
        intent = self.move(IntentState.SUCCESS)
        return replace(intent, credited_ref=payment_status.reference, resolved_at=at, next_check_at=None)

    def with_posting(self, seq: int, points_earned: int) -> "Intent":
        """Posting `seq` credits the top-up, and its message awards `points_earned`."""
        return replace(self, credited_seq=seq, points_earned=points_earned)

    def sent_to_review(self, reason: str, at: datetime, payment_status: "PaymentStatus") -> "Intent":
        intent = self.move(IntentState.NEEDS_REVIEW, reason=reason)
        return replace(
            intent,
            resolved_at=at,
            next_check_at=None,
            reported_paisa=payment_status.amount_paisa,
            reported_reference=payment_status.reference,
            reported_refunded_paisa=payment_status.refunded_paisa,
        )

    def closed(self, at: datetime) -> "Intent":
        return replace(self, closed_at=at)

    def failed(self, reason: str) -> "Intent":
        """The gateway refused the payment, or the intent expired.

        The sweep still asks: a late payment is credited.
        """
        return self.move(IntentState.FAILED, reason=reason)

    def cancelled(self) -> "Intent":
        return self.move(IntentState.CANCELLED, reason="cancelled_by_user")

    def check_postponed(
        self, now: datetime, *, first_minutes: int, give_up_hours: int, opened: bool = True
    ) -> "Intent":
        """Postpone the look-up after one without a result: the wait doubles, and ends after `give_up_hours`.

        A checkout that nobody opened is looked up far more rarely: after a quadrupled wait, and daily once expired.
        """
        first = timedelta(minutes=first_minutes)
        wait = doubled(first, self.checks_count, longest=MAX_CHECK_INTERVAL)
        if not opened:
            wait = doubled(first, 2 * (self.checks_count + 1), longest=MAX_CHECK_INTERVAL)
            wait = MAX_UNOPENED_INTERVAL if now >= self.expires_at else wait
        following = now + wait
        gives_up = following > self.created_at + timedelta(hours=give_up_hours)
        return replace(self, checks_count=self.checks_count + 1, next_check_at=None if gives_up else following)

    def shown_state(self, now: datetime) -> tuple[IntentState, str | None]:
        """State and reason as the API shows them: an expired pending intent is `failed` with reason `expired`."""
        if self.state is IntentState.PENDING and now >= self.expires_at:
            return IntentState.FAILED, "expired"
        return self.state, self.reason
