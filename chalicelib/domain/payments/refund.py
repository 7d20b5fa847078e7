"""A refund: a customer or an operator requests it, another operator decides it, and it is paid at most once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.operations.backoff import doubled
from chalicelib.domain.operators.operator_decision import DecidedByOperator
from chalicelib.domain.payments.payment_gateway import MAX_CHECK_INTERVAL, RefundRequest
from chalicelib.domain.payments.refund_totals import RefundAmount, RefundTotals
from chalicelib.domain.payments.transaction_id import transaction_id
from chalicelib.domain.problems.illegal_move import IllegalMove, must_be_allowed
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.erased_text import ERASED


class RefundState(StrEnum):
    """The state of a refund.

    Approved: the money has left the wallet, and its gateway has not confirmed the refund yet.
    """

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    PROCESSED = "processed"
    FAILED = "failed"


# After `failed` the money is back in the wallet, and a new refund of the same payment may be requested.
MOVES: Mapping[RefundState, frozenset[RefundState]] = {
    RefundState.REQUESTED: frozenset({RefundState.APPROVED, RefundState.REJECTED}),
    RefundState.APPROVED: frozenset({RefundState.PROCESSED, RefundState.FAILED}),
    RefundState.REJECTED: frozenset(),
    RefundState.PROCESSED: frozenset(),
    RefundState.FAILED: frozenset(),
}
OPEN_STATES = frozenset({RefundState.REQUESTED, RefundState.APPROVED})
COUNTED_STATES = frozenset({RefundState.APPROVED, RefundState.PROCESSED})
"""States in which the amount counts as refunded."""
MAX_SEND_INTERVAL = timedelta(minutes=30)
"""The longest wait before a refund is sent to its gateway again."""


class RefundMethod(StrEnum):
    """How the money goes back."""

    GATEWAY = "gateway"
    WALLET = "wallet"
    BY_HAND = "by_hand"


@dataclass(frozen=True)
class Refund(DecidedByOperator):
    """A refund of the payment that posting `seq` of `user_id` records.

    A top-up's refund has `intent_id` and `gateway`: `amount_paisa` leaves the wallet, and `points` are taken. The
    refund of a rental's payment has `rental_id`: both go back to the wallet and the points.
    """

    refund_id: str
    user_id: str
    seq: int
    amount_paisa: int
    points: int
    reason: str
    requested_by: str
    requested_at: datetime
    intent_id: str | None = None
    gateway: str | None = None
    rental_id: str | None = None
    state: RefundState = RefundState.REQUESTED
    method: RefundMethod | None = None
    previously_refunded_paisa: int = 0
    """What the gateway had already paid back of the payment when this refund was approved."""
    admin_notes: str | None = None
    reference: str | None = None
    """The gateway's reference of the refund, or the reference of an operator who paid by hand."""
    sent_at: datetime | None = None
    """Written before the refund is sent to its gateway. While it is set, the refund is looked up and never sent.

    It is cleared only when the gateway reports that it did not execute the refund.
    """
    sends_count: int = 0
    checks_count: int = 0
    next_check_at: datetime | None = None
    """When the service asks the gateway next. None before it sends the refund, and when an operator must close it."""
    manual_close_reason: str | None = None
    """Why only an operator can end the refund: the gateway's code."""
    payer_mobile: str | None = None
    """The number to which an operator paid the refund by hand."""
    failure: str | None = None
    ended_at: datetime | None = None
    version: int = 0

    def _move(self, state: RefundState) -> "Refund":
        must_be_allowed(MOVES, self.state, state)
        return replace(self, state=state)

    @property
    def transaction_id(self) -> str:
        return transaction_id(self.user_id, self.seq)

    @property
    def amount(self) -> RefundAmount:
        return RefundAmount(self.amount_paisa, self.points)

    @property
    def open(self) -> bool:
        return self.state in OPEN_STATES

    def to_request(self, *, past_grace: bool = False) -> RefundRequest:
        """The refund as its gateway needs it, to execute it or to look it up."""
        return RefundRequest(self.refund_id, self.amount_paisa, self.previously_refunded_paisa, past_grace=past_grace)

    @property
    def needs_manual_close(self) -> bool:
        """Whether only an operator can end the refund: it was sent, and no further look-up is planned."""
        return self.state is RefundState.APPROVED and self.sent_at is not None and self.next_check_at is None

    def must_be_anothers(self, operator_id: str) -> None:
        """Raises Problem("refund_own_request") for the operator who requested the refund or receives its money."""
        if operator_id in (self.requested_by, self.user_id):
            raise Problem("refund_own_request")

    @property
    def awaits_decision(self) -> bool:
        return self.state is RefundState.REQUESTED

    def already_decided(self) -> Problem:
        return Problem("refund_already_decided", status=self.state.value)

    def decided(self, *, by: str, at: datetime, notes: str | None) -> "Refund":
        """Decided by the operator `by`. Raises Problem: refund_already_decided, refund_own_request."""
        marked = self.marked_decided(by=by, at=at)
        self.must_be_anothers(by)
        return replace(marked, admin_notes=notes)

    def approved(self, method: RefundMethod, previously_refunded_paisa: int) -> "Refund":
        return replace(
            self._move(RefundState.APPROVED), method=method, previously_refunded_paisa=previously_refunded_paisa
        )

    def rejected(self, at: datetime) -> "Refund":
        return replace(self._move(RefundState.REJECTED), ended_at=at)

    def sent(self, at: datetime, first_check_at: datetime) -> "Refund":
        """Marked as sent, before the call to the gateway. Raises IllegalMove when it was sent before."""
        if self.state is not RefundState.APPROVED or self.sent_at is not None:
            raise IllegalMove("sent before")
        return replace(self, sent_at=at, next_check_at=first_check_at, sends_count=self.sends_count + 1)

    def reset_for_resend(self) -> "Refund":
        """The gateway did not execute the refund: it may be sent again."""
        return replace(self, sent_at=None, next_check_at=None, checks_count=0)

    def processed(self, at: datetime, reference: str | None) -> "Refund":
        """The customer has the money."""
        refund = self._move(RefundState.PROCESSED)
        return replace(refund, reference=reference, next_check_at=None, ended_at=at)

    def failed(self, at: datetime, reason: str) -> "Refund":
        """The refund was surely not paid."""
        return replace(self._move(RefundState.FAILED), failure=reason, next_check_at=None, ended_at=at)

    def without_free_text(self) -> "Refund":
        """Without the texts that people wrote. A gateway's reference stays."""
        reference = None if self.method is RefundMethod.BY_HAND else self.reference
        return replace(self, reason=ERASED, admin_notes=None, payer_mobile=None, reference=reference)

    def for_storage(self, *, deleted: bool) -> "Refund":
        """The refund as it is stored.

        An ended refund of a deleted account loses its texts; the audit log keeps its own.
        """
        return self.without_free_text() if deleted and not self.open else self

    def past_grace(self, now: datetime, absence_minutes: int) -> bool:
        """Whether the gateway must know the refund by now, so that a look-up without a result proves it was not sent.

        Before that, a sender may have written `sent_at` and not made its call yet.
        """
        return self.sent_at is not None and now - self.sent_at >= timedelta(minutes=absence_minutes)

    def check_postponed(self, now: datetime, *, first_minutes: int, give_up_hours: int) -> "Refund":
        """Postpone the look-up after one without a result: the wait doubles, and ends after `give_up_hours`."""
        wait = doubled(timedelta(minutes=first_minutes), self.checks_count, longest=MAX_CHECK_INTERVAL)
        gives_up = self.gives_up(now + wait, give_up_hours)
        return replace(self, checks_count=self.checks_count + 1, next_check_at=None if gives_up else now + wait)

    def next_send(self, first_minutes: int) -> timedelta:
        """The wait before the refund is sent again: it doubles with each send."""
        return doubled(timedelta(minutes=first_minutes), self.sends_count - 1, longest=MAX_SEND_INTERVAL)

    def gives_up(self, at: datetime, give_up_hours: int) -> bool:
        """Whether the refund was approved more than `give_up_hours` before `at`."""
        return at > (self.decided_at or self.requested_at) + timedelta(hours=give_up_hours)

    def left_for_manual_close(self, reason: str) -> "Refund":
        """The look-ups end, and an operator must close the refund. `reason` is the gateway's code."""
        return replace(self, next_check_at=None, manual_close_reason=reason or None)


def totals_after(totals: RefundTotals, before: Refund, after: Refund) -> RefundTotals:
    """The totals of the transaction once its refund has gone from `before` to `after`.

    Only what the gateway has paid counts as paid out: the state of a later refund is computed from it.
    """
    counted = before.state in COUNTED_STATES, after.state in COUNTED_STATES
    if counted == (False, True):
        totals = totals.add(after.amount)
    if counted == (True, False):
        totals = totals.subtract(after.amount)
    if after.state is RefundState.PROCESSED and after.method is RefundMethod.GATEWAY:
        totals = totals.mark_paid_out(after.amount)
    return totals if after.open else totals.without_open_request()


def refund_id_of(new_id: str, user_id: str) -> str:
    """An id that sorts by time and names its user, so that the id alone finds the refund."""
    return f"{new_id}-{user_id}"


def owner_of(refund_id: str) -> str:
    """The user of a refund's id. Empty for a text that is no refund's id."""
    return refund_id.partition("-")[2]
