"""A power bank that left its slot without an eject, and the rentals for which that slot may have opened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.rental import Rental
from chalicelib.domain.rental_state import NOT_SENT
from chalicelib.domain.slot_reports import ReportKind

REFUSED = "eject_refused_"
"""The prefix of a rental's failure after its cabinet answered that the power bank did not come out."""


def is_refused(rental: Rental) -> bool:
    """Whether the cabinet answered that the power bank did not come out."""
    return (rental.failure or "").startswith(REFUSED)


@dataclass(frozen=True)
class Disappearance:
    """A power bank left its slot of a station without an eject, between `listed_at` and `gone_at`.

    `listed` is what the station's next snapshot lists: the power bank of every slot.
    """

    powerbank_sn: str
    station_sn: str
    slot_number: int
    listed_at: datetime
    gone_at: datetime
    listed: Mapping[int, str | None]

    def may_be_for(self, rental: Rental, grace: timedelta) -> bool:
        """Whether the station was ejecting for the rental then, while the rental's own power bank stayed in its slot.

        `grace` is how long a cabinet may still list a power bank that it ejected.
        """
        station = rental.station
        stayed = self.listed.get(station.slot_number) == rental.powerbank_sn
        was_absent = any(report.kind is ReportKind.ABSENT for report in rental.reports)
        ejecting = rental.requested_at < self.gone_at and self.listed_at < rental.eject_by + grace
        possible = rental.may_have_powerbank and rental.failure != NOT_SENT
        another = station.sn == self.station_sn and rental.powerbank_sn != self.powerbank_sn
        return possible and another and ejecting and stayed and not was_absent

    def suspects(self, rentals: Iterable[Rental], grace: timedelta) -> list[Rental]:
        """The rentals for which the power bank may have come out.

        A rental whose cabinet answered that nothing came out counts only if no other rental does.
        """
        possible = [rental for rental in rentals if self.may_be_for(rental, grace)]
        unrefused = [rental for rental in possible if not is_refused(rental)]
        return unrefused or possible
