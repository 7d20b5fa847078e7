"""Where the power bank of a failed eject is, as far as the cabinet says."""

from datetime import datetime
from enum import StrEnum

from chalicelib.domain.cabinets.powerbank import Powerbank


class EjectFate(StrEnum):
    """Where the power bank of a failed eject is, as far as the cabinet says."""

    STAYED = "stayed"
    """In its slot."""
    NOT_ASKED = "not_asked"
    """In its slot: the command surely did not reach the cabinet, which says nothing about the power bank."""
    NOT_FOUND = "not_found"
    """The cabinet does not find it: it was not in its slot before."""
    UNKNOWN = "unknown"
    """In its slot or with the customer."""

    @property
    def answered(self) -> bool:
        """Whether the cabinet answered that the power bank did not come out."""
        return self in (EjectFate.STAYED, EjectFate.NOT_FOUND)

    def applied_to(self, powerbank: Powerbank, rental_id: str, now: datetime) -> Powerbank:
        """The power bank after the eject of this rental failed at `now`. One of another rental stays as it is."""
        if powerbank.rental_id != rental_id:
            return powerbank
        moves = {
            EjectFate.STAYED: powerbank.eject_failed,
            EjectFate.NOT_ASKED: powerbank.eject_not_asked,
            EjectFate.NOT_FOUND: powerbank.not_found,
            EjectFate.UNKNOWN: powerbank.location_lost,
        }
        return moves[self](now)
