"""The operator's decision of a KYC submission or a refund, which is made once."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from chalicelib.domain.problems.problems import Problem


@dataclass(frozen=True, kw_only=True)
class DecidedByOperator:
    """A request that one operator decides once. `decided_by` and `decided_at` are None before the decision."""

    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def awaits_decision(self) -> bool:
        """Whether no operator has decided the request yet."""
        raise NotImplementedError

    def already_decided(self) -> Problem:
        """The problem of an operator who decides the request a second time. Its details hold the state."""
        raise NotImplementedError

    def must_be_undecided(self) -> None:
        """Raises the Problem of `already_decided`."""
        if not self.awaits_decision:
            raise self.already_decided()

    def marked_decided(self, *, by: str, at: datetime) -> Self:
        """The request after the decision of the operator `by`. Raises the Problem of `already_decided`."""
        self.must_be_undecided()
        return replace(self, decided_by=by, decided_at=at)
