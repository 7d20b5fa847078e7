"""Money of a credited top-up that went back at its gateway without us, and what an operator decides about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.field_notes import note
from chalicelib.domain.payment_gateway import PaymentState, PaymentStatus
from chalicelib.domain.problems import Problem
from chalicelib.domain.topup_intent import Intent

REVERSED: Mapping[PaymentState, str] = {
    PaymentState.REFUNDED: "refunded",
    PaymentState.PARTLY_REFUNDED: "partly_refunded",
    PaymentState.DISPUTED: "disputed",
    # The gateway reported this payment as paid when the wallet was credited.
    PaymentState.FAILED: "reversed",
}
"""States of a credited payment that mean that money went back, and the reason of the reversal."""


class ReversalState(StrEnum):
    """Open: an operator must decide."""

    OPEN = "open"
    DECIDED = "decided"


class ReversalAction(StrEnum):
    """What an operator decides. The wallet pays first; the rest becomes a due, or is a loss of ours."""

    TAKE_BACK = "take_back"
    DUE = "due"
    LEAVE = "leave"


@dataclass(frozen=True)
class Returned:
    """What the gateway says that it gave back of a payment. `paisa` is None where it reports no sum."""

    paisa: int | None
    reason: str


@dataclass(frozen=True)
class ReversalSplit:
    """Who bears a reversal: the wallet now, the customer later, or we."""

    wallet_paisa: int
    due_paisa: int
    loss_paisa: int

    @property
    def total_paisa(self) -> int:
        return self.wallet_paisa + self.due_paisa + self.loss_paisa


@dataclass(frozen=True)
class Reversal:
    """The reversal of one top-up. `reversed_paisa` is all that went back without us, or None while the gateway
    reports no sum.

    `settled_paisa` is the part that operators have decided. The last three amounts say how, in total.
    """

    user_id: str
    intent_id: str
    gateway: str
    topup_paisa: int
    reason: str
    found_at: datetime
    reversed_paisa: int | None = None
    state: ReversalState = ReversalState.OPEN
    settled_paisa: int = 0
    wallet_paisa: int = 0
    due_paisa: int = 0
    loss_paisa: int = 0
    action: ReversalAction | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    version: int = 0

    @property
    def open(self) -> bool:
        return self.state is ReversalState.OPEN

    @property
    def outstanding_paisa(self) -> int | None:
        """What is not decided yet. None while the gateway reports no sum."""
        return None if self.reversed_paisa is None else max(0, self.reversed_paisa - self.settled_paisa)

    @property
    def not_refundable_paisa(self) -> int:
        """The part of the top-up that can't be refunded any more. All of it while no sum is known."""
        if self.reversed_paisa is None and self.open:
            return self.topup_paisa
        return max(self.reversed_paisa or 0, self.settled_paisa)

    def amount_to_settle(self, amount_paisa: int | None) -> int:
        """The amount of a decision. An operator gives it where the gateway reports none.

        Raises Problem("invalid_input").
        """
        outstanding_paisa = self.outstanding_paisa
        if outstanding_paisa is not None:
            if amount_paisa not in (None, outstanding_paisa):
                raise Problem("invalid_input", errors={"amount": [note("amount_due_changed")]})
            return outstanding_paisa
        if amount_paisa is None:
            raise Problem("invalid_input", errors={"amount": [note("amount_missing")]})
        limits = {"min_paisa": 1, "max_paisa": self.topup_paisa - self.settled_paisa}
        if not 1 <= amount_paisa <= limits["max_paisa"]:
            raise Problem("invalid_input", errors={"amount": [note("amount_out_of_range", **limits)]})
        return amount_paisa

    def decided(self, action: ReversalAction, split: ReversalSplit, *, by: str, at: datetime) -> "Reversal":
        return replace(
            self,
            state=ReversalState.DECIDED,
            settled_paisa=self.settled_paisa + split.total_paisa,
            wallet_paisa=self.wallet_paisa + split.wallet_paisa,
            due_paisa=self.due_paisa + split.due_paisa,
            loss_paisa=self.loss_paisa + split.loss_paisa,
            action=action,
            decided_by=by,
            decided_at=at,
        )


def returned_of(payment_status: PaymentStatus, topup_paisa: int) -> Returned | None:
    """What went back of a credited payment. None when nothing went back, or the gateway reported no state."""
    reason = REVERSED.get(payment_status.state)
    if reason is None:
        return None
    partly = payment_status.state is PaymentState.PARTLY_REFUNDED
    return Returned(payment_status.refunded_paisa if partly else topup_paisa, reason)


def updated(
    existing: Reversal | None, intent: Intent, returned: Returned, *, refunded_by_us_paisa: int, at: datetime
) -> Reversal | None:
    """The reversal after `returned` was seen. None when it adds nothing.

    What we refunded ourselves is no reversal. Without a reported sum, our refunds explain all that went back.
    """
    if returned.paisa is None:
        reversed_paisa = None if refunded_by_us_paisa == 0 else 0
    else:
        reversed_paisa = max(0, returned.paisa - refunded_by_us_paisa)
    if reversed_paisa == 0:
        return None
    if existing is None:
        return Reversal(
            intent.user_id,
            intent.intent_id,
            intent.gateway,
            intent.amount_paisa,
            returned.reason,
            at,
            reversed_paisa,
        )
    if reversed_paisa is None or reversed_paisa <= max(existing.reversed_paisa or 0, existing.settled_paisa):
        return None
    found_at = existing.found_at if existing.open else at
    return replace(
        existing,
        reversed_paisa=reversed_paisa,
        reason=returned.reason,
        found_at=found_at,
        state=ReversalState.OPEN,
    )


def split_of(action: ReversalAction, amount_paisa: int, wallet_paisa: int) -> ReversalSplit:
    """How `amount_paisa` is borne by `action`, with `wallet_paisa` left in the wallet."""
    if action is ReversalAction.LEAVE:
        return ReversalSplit(0, 0, amount_paisa)
    taken_paisa = min(amount_paisa, wallet_paisa)
    rest_paisa = amount_paisa - taken_paisa
    if action is ReversalAction.DUE:
        return ReversalSplit(taken_paisa, rest_paisa, 0)
    return ReversalSplit(taken_paisa, 0, rest_paisa)


@dataclass(frozen=True)
class ReversalWalk:
    """How far today's check of a gateway's credited payments is: up to `position` in `shard`."""

    gateway: str
    day: str = ""
    shard: int = 0
    position: str = ""
    version: int = 0

    def on(self, day: str) -> "ReversalWalk":
        """The walk of that day, from its beginning unless it has begun."""
        return self if self.day == day else replace(self, day=day, shard=0, position="")

    def advanced(self, position: str | None) -> "ReversalWalk":
        """The walk after a chunk. Without a `position` the shard is done."""
        if position is None:
            return replace(self, shard=self.shard + 1, position="")
        return replace(self, position=position)
