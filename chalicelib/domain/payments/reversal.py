"""Money of a credited top-up that went back at its gateway without us, and what operators decide about it.

`Reversal.amount_to_settle` gives the amount of a decision. `reversal_amounts.py` computes how much went back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.payments.payment_gateway import PaymentState
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message

REVERSED: Mapping[PaymentState, str] = {
    PaymentState.REFUNDED: "refunded",
    PaymentState.PARTLY_REFUNDED: "partly_refunded",
    PaymentState.DISPUTED: "disputed",
    # The gateway reported this payment as paid when the wallet was credited.
    PaymentState.FAILED: "reversed",
}
"""States of a credited payment that mean that money went back, and the reason of the reversal."""
RESTORED = "restored"
"""The reason of a decided reversal whose money the gateway has again, as after a dispute that was won."""
REASONS = frozenset(REVERSED.values()) | {RESTORED}


class ReversalState(StrEnum):
    """OPEN: an operator must decide. ENDED: the gateway had the money again before anybody decided."""

    OPEN = "open"
    DECIDED = "decided"
    ENDED = "ended"


class ReversalAction(StrEnum):
    """What an operator decides. The wallet pays first; the rest becomes a due, or is a loss of ours.

    GIVE_BACK undoes earlier decisions, as far as the gateway has the money again.
    """

    TAKE_BACK = "take_back"
    DUE = "due"
    LEAVE = "leave"
    GIVE_BACK = "give_back"


@dataclass(frozen=True)
class ReversalSplit:
    """Who bears a reversal, or gets its money back: the wallet now, the customer later, or we."""

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
    def restored_paisa(self) -> int:
        """What operators decided and the gateway has again. Only GIVE_BACK decides it."""
        return 0 if self.reversed_paisa is None else max(0, self.settled_paisa - self.reversed_paisa)

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
        outstanding_paisa = self.restored_paisa or self.outstanding_paisa
        if outstanding_paisa is not None:
            if amount_paisa not in (None, outstanding_paisa):
                raise Problem("invalid_input", errors={"amount": [validation_message("amount_due_changed")]})
            return outstanding_paisa
        if amount_paisa is None:
            raise Problem("invalid_input", errors={"amount": [validation_message("amount_missing")]})
        limits = {"min_paisa": 1, "max_paisa": self.topup_paisa - self.settled_paisa}
        if not 1 <= amount_paisa <= limits["max_paisa"]:
            raise Problem("invalid_input", errors={"amount": [validation_message("amount_out_of_range", **limits)]})
        return amount_paisa

    def must_allow(self, action: ReversalAction) -> None:
        """Raises Problem("invalid_input") for GIVE_BACK while nothing is restored, or for another action then."""
        if (action is ReversalAction.GIVE_BACK) != (self.restored_paisa > 0):
            raise Problem("invalid_input", errors={"action": [validation_message("option_unknown")]})

    def decided(self, action: ReversalAction, split: ReversalSplit, *, by: str, at: datetime) -> "Reversal":
        """The reversal after a decision. `split` is taken off its totals by GIVE_BACK, and added by the others."""
        sign = -1 if action is ReversalAction.GIVE_BACK else 1
        return replace(
            self,
            state=ReversalState.DECIDED,
            settled_paisa=self.settled_paisa + sign * split.total_paisa,
            wallet_paisa=self.wallet_paisa + sign * split.wallet_paisa,
            due_paisa=self.due_paisa + sign * split.due_paisa,
            loss_paisa=self.loss_paisa + sign * split.loss_paisa,
            action=action,
            decided_by=by,
            decided_at=at,
        )

    def restored_split(self) -> ReversalSplit:
        """Whom `restored_paisa` belongs to: our loss is restored first, then the due, then what the wallet paid."""
        loss_paisa = min(self.restored_paisa, self.loss_paisa)
        due_paisa = min(self.restored_paisa - loss_paisa, self.due_paisa)
        return ReversalSplit(self.restored_paisa - loss_paisa - due_paisa, due_paisa, loss_paisa)


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
