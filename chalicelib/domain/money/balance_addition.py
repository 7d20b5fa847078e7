"""Money that operators add to a customer's wallet: at once, or after a second operator's approval."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money.ledger import Posting
from chalicelib.domain.operators.operator_decision import DecidedByOperator
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.illegal_move import must_be_allowed
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.erased_text import ERASED


class AdditionState(StrEnum):
    """The state of an addition. Pending: no money has moved yet."""

    PENDING = "pending"
    APPLIED = "applied"
    REJECTED = "rejected"


MOVES: Mapping[AdditionState, frozenset[AdditionState]] = {
    AdditionState.PENDING: frozenset({AdditionState.APPLIED, AdditionState.REJECTED}),
    AdditionState.APPLIED: frozenset(),
    AdditionState.REJECTED: frozenset(),
}


@dataclass(frozen=True)
class BalanceAddition(DecidedByOperator):
    """`amount_paisa` for the wallet of `user_id`, which the operator `requested_by` adds for a reason.

    `decided_by` is None for an addition that needed no approval. `seq` is the number of its posting.
    """

    addition_id: str
    user_id: str
    amount_paisa: int
    reason: str
    requested_by: str
    requested_at: datetime
    state: AdditionState = AdditionState.PENDING
    seq: int | None = None
    balance_after_paisa: int | None = None
    notes: str | None = None
    version: int = 0

    @property
    def awaits_decision(self) -> bool:
        return self.state is AdditionState.PENDING

    def already_decided(self) -> Problem:
        return Problem("addition_already_decided", status=self.state.value)

    def decided(self, operator: Account, requester: Account | None, at: datetime) -> "BalanceAddition":
        """Decided by a second operator. One of the two must be a super admin, with the roles that they have now.

        Raises Problem: addition_already_decided, addition_own_request, balance_needs_super_admin.
        """
        marked = self.marked_decided(by=operator.user_id, at=at)
        if operator.user_id in (self.requested_by, self.user_id):
            raise Problem("addition_own_request")
        roles = {operator.role, requester.role if requester else None}
        if Role.SUPER_ADMIN not in roles:
            raise Problem("balance_needs_super_admin")
        return marked

    def approvable_with(self, requester: Account | None) -> Account:
        """The requester, who must still be an active operator to count as one of the two.

        Raises Problem("addition_requester_inactive").
        """
        if requester is None or not requester.is_active_operator:
            raise Problem("addition_requester_inactive")
        return requester

    def applied(self, posting: Posting) -> "BalanceAddition":
        return replace(
            self._move(AdditionState.APPLIED), seq=posting.seq, balance_after_paisa=posting.wallet_after_paisa
        )

    def rejected(self, notes: str) -> "BalanceAddition":
        return replace(self._move(AdditionState.REJECTED), notes=notes)

    def _move(self, state: AdditionState) -> "BalanceAddition":
        must_be_allowed(MOVES, self.state, state)
        return replace(self, state=state)

    def without_free_text(self) -> "BalanceAddition":
        return replace(self, reason=ERASED, notes=None if self.notes is None else ERASED)


def addition_id_of(new_id: str, user_id: str) -> str:
    """An id that sorts by time and names its user, so that the id alone finds the addition."""
    return f"{new_id}-{user_id}"


def owner_of(addition_id: str) -> str:
    """The user of an addition's id. Empty for a text that is no addition's id."""
    return addition_id.partition("-")[2]
