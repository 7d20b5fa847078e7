"""A power bank that left its slot without an eject, and the rentals for which that slot may have opened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.cabinets.powerbank_suspicion import Suspicion
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import NOT_SENT
from chalicelib.domain.rentals.superseded_eject import SupersededEject

REFUSED = "eject_refused_"
"""The prefix of a rental's failure after its cabinet answered that the power bank did not come out."""


@dataclass(frozen=True)
class Suspect:
    """A rental, and the one of its ejects at which the wrong slot may have opened: its own or a superseded one."""

    rental: Rental
    eject: Rental | SupersededEject

    @property
    def refused(self) -> bool:
        """Whether the cabinet answered to this eject that the power bank did not come out."""
        return (self.eject.failure or "").startswith(REFUSED)

    @property
    def beside_own(self) -> bool:
        """Whether the power bank of a later eject is out, so that the customer may have two."""
        return self.rental.out and self.eject is not self.rental


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

    def suspect(self, rental: Rental, grace: timedelta) -> Suspect | None:
        """The rental as a suspect: the station was ejecting for it then, and the asked power bank stayed in its slot.

        `grace` is how long a cabinet may still list a power bank that it ejected.
        """
        asked_sns = {rental.powerbank_sn, *(eject.powerbank_sn for eject in rental.superseded_ejects)}
        if not rental.may_have_powerbank or self.powerbank_sn in asked_sns:
            return None
        own: list[Rental | SupersededEject] = [] if rental.was_absent else [rental]
        ejects = [*own, *reversed(rental.superseded_ejects)]
        return next((Suspect(rental, eject) for eject in ejects if self._explains(eject, grace)), None)

    def _explains(self, eject: Rental | SupersededEject, grace: timedelta) -> bool:
        station = eject.station
        stayed = self.listed.get(station.slot_number) == eject.powerbank_sn
        ejecting = eject.requested_at < self.gone_at and self.listed_at < eject.eject_by + grace
        return station.sn == self.station_sn and ejecting and stayed and eject.failure != NOT_SENT

    def suspects(self, rentals: Iterable[Rental], grace: timedelta) -> list[Suspect]:
        """The rentals for which the power bank may have come out.

        An eject to which the cabinet answered that nothing came out counts only if no other does.
        """
        possible = [suspect for rental in rentals if (suspect := self.suspect(rental, grace)) is not None]
        unrefused = [suspect for suspect in possible if not suspect.refused]
        return unrefused or possible


def own_came_out(rental: Rental, suspicion: Suspicion) -> bool:
    """Whether the rented power bank itself came out, later than the one that is tied to the rental."""
    started_later = rental.started_at is not None and rental.started_at > suspicion.gone_at
    return rental.out and (rental.was_absent or started_later)
