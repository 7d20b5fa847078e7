"""A top-up intent and its states."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.backoff import doubled
from chalicelib.domain.payment_gateway import MAX_CHECK_INTERVAL, Checkout, PaymentStatus
from chalicelib.domain.transitions import IllegalMove


class IntentState(StrEnum):
    """Where a top-up stands. Expiry is the clock's, told as `failed` with reason `expired`."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NEEDS_REVIEW = "disputed"


UNRESOLVED = "unresolved"
"""Why an intent is disputed whose gateway never said plainly whether it was paid."""

# Money that arrives after a cancel or an expiry is still the customer's: only `success` is final.
# `disputed` is left by an admin's hand, or by the gateway's plain word where only that was missing.
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
    """One wish to top up `amount_paisa` at `gateway`; `order_ref` is our reference at the gateway, unique per try."""

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
    """The gateway's own name for the attempt (Khalti's pidx); None until opened, and always for eSewa."""
    payment_url: str | None = None
    credited_ref: str | None = None
    """The gateway's transaction that was credited."""
    credited_seq: int | None = None
    """The posting that credited it."""
    points_earned: int = 0
    """What it earns: given by the message written with the credit, and given for certain once that is gone."""
    reason: str | None = None
    checks_count: int = 0
    next_check_at: datetime | None = None
    """When the sweep asks the gateway next; None once nothing more can come of it."""
    resolved_at: datetime | None = None
    """When it was credited, or handed over to an admin."""
    reported_paisa: int | None = None
    reported_reference: str | None = None
    """What the gateway said was paid, and under which name, where that did not match."""
    closed_at: datetime | None = None
    """When an admin was done with it while it was disputed: nothing is credited after that."""
    version: int = 0

    @property
    def needs_review(self) -> bool:
        """It waits for an admin."""
        return self.state is IntentState.NEEDS_REVIEW and self.closed_at is None

    @property
    def creditable(self) -> bool:
        """What the gateway says is taken in without anybody's hand."""
        doubtful = self.needs_review and self.reason == UNRESOLVED
        return doubtful or self.state in (IntentState.PENDING, IntentState.FAILED, IntentState.CANCELLED)

    def move(self, state: IntentState, *, reason: str | None = None) -> "Intent":
        """The intent in `state`; raises IllegalMove where MOVES has no such way."""
        if state not in MOVES[self.state]:
            raise IllegalMove(f"{self.state} -> {state}")
        return replace(self, state=state, reason=reason)

    def with_checkout(self, checkout: "Checkout") -> "Intent":
        return replace(self, gateway_ref=checkout.gateway_ref, payment_url=checkout.payment_url)

    def credited(self, payment_status: "PaymentStatus", at: datetime) -> "Intent":
        intent = self.move(IntentState.SUCCESS)
        return replace(intent, credited_ref=payment_status.reference, resolved_at=at, next_check_at=None)

    def with_posting(self, seq: int, points_earned: int) -> "Intent":
        """The credit is posting `seq`, in the same write, and its message gives so many points."""
        return replace(self, credited_seq=seq, points_earned=points_earned)

    def sent_to_review(self, reason: str, at: datetime, payment_status: "PaymentStatus") -> "Intent":
        intent = self.move(IntentState.NEEDS_REVIEW, reason=reason)
        return replace(
            intent,
            resolved_at=at,
            next_check_at=None,
            reported_paisa=payment_status.amount_paisa,
            reported_reference=payment_status.reference,
        )

    def closed(self, at: datetime) -> "Intent":
        return replace(self, closed_at=at)

    def failed(self, reason: str) -> "Intent":
        """Refused or expired. The sweep may still look: late money counts."""
        return self.move(IntentState.FAILED, reason=reason)

    def cancelled(self) -> "Intent":
        return self.move(IntentState.CANCELLED, reason="cancelled_by_user")

    def check_postponed(self, now: datetime, *, first_minutes: int, give_up_hours: int) -> "Intent":
        """One more look gave nothing: the next in a doubling interval, none after `give_up_hours`."""
        wait = doubled(timedelta(minutes=first_minutes), self.checks_count, longest=MAX_CHECK_INTERVAL)
        following = now + wait
        gives_up = following > self.created_at + timedelta(hours=give_up_hours)
        return replace(self, checks_count=self.checks_count + 1, next_check_at=None if gives_up else following)

    def shown_state(self, now: datetime) -> tuple[IntentState, str | None]:
        """State and reason as told to people: a pending intent past its time is failed, `expired`."""
        if self.state is IntentState.PENDING and now >= self.expires_at:
            return IntentState.FAILED, "expired"
        return self.state, self.reason
