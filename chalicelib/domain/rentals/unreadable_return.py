"""A power bank that a cabinet took in without reading its number, until somebody or the cabinet reads it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.problems.illegal_move import IllegalMove


class UnreadableReturnState(StrEnum):
    """Whether it is known which power bank it is."""

    OPEN = "open"
    ASSIGNED = "assigned"


@dataclass(frozen=True)
class UnreadableReturn:
    """Station `station_sn` reported at `reported_at` that an unreadable power bank came into slot `slot_number`.

    `possible_sns` are the power banks that were out from this station then.
    """

    return_id: str
    station_sn: str
    slot_number: int
    reported_at: datetime
    possible_sns: tuple[str, ...] = ()
    state: UnreadableReturnState = UnreadableReturnState.OPEN
    powerbank_sn: str | None = None
    assigned_by: str | None = None
    assigned_at: datetime | None = None
    version: int = 0

    def assigned(self, powerbank_sn: str, *, by: str | None, at: datetime) -> "UnreadableReturn":
        """The operator `by` read the number on the power bank, or the cabinet did (None)."""
        if self.state is not UnreadableReturnState.OPEN:
            raise IllegalMove(f"{self.return_id} is {self.state}")
        return replace(
            self,
            state=UnreadableReturnState.ASSIGNED,
            powerbank_sn=powerbank_sn,
            assigned_by=by,
            assigned_at=at,
        )


def return_id_of(station_sn: str, slot_number: int, reported_at: datetime) -> str:
    """The id of a report. A message that arrives twice has one id, and ids sort by time."""
    return f"{int(reported_at.timestamp())}-{station_sn}-{slot_number}"
