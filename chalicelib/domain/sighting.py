"""A power bank that a cabinet reports in one of its slots, and what that says of a rental."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.cabinet import Binding, Cabinet, Slot
from chalicelib.domain.outage import CLOCK_GRAIN, Outage
from chalicelib.domain.powerbank import Custody, Powerbank
from chalicelib.domain.rental import Rental, RentalState, RentalStation


class SightingSource(StrEnum):
    """Which frame of the cabinet reported the power bank."""

    RETURN = "return"
    SLOT_CHANGE = "slot_change"
    SNAPSHOT = "snapshot"


class SightingResult(StrEnum):
    """What the service did with a sighting."""

    ENDED = "ended"
    """The rental of this power bank ended."""
    IN_SLOT = "in_slot"
    """No rental ended, and the power bank is recorded in this slot."""
    QUARANTINED = "quarantined"
    """No rental belongs to the power bank, so an operator has to look at it."""
    HANDLED = "handled"
    """An earlier sighting said the same. Nothing changed."""
    STALE = "stale"
    """A newer fact about the power bank is stored. Nothing changed."""


@dataclass(frozen=True)
class Sighting:
    """A power bank in a slot at `at`, the time of the cabinet's message."""

    powerbank_sn: str
    binding: Binding
    slot: Slot
    at: datetime
    source: SightingSource

    @property
    def place(self) -> RentalStation:
        return RentalStation(self.binding.sn, self.binding.name, self.binding.imei, self.slot.slot_number)

    def since(self, cabinet: Cabinet | None, started_at: datetime) -> datetime:
        """The earliest time at which the power bank can have come; the customer has the benefit of the doubt.

        A power bank that was out during an outage of the cabinet may have come at once after the cabinet's last
        message. Otherwise a return frame gives the time itself. A slot change came after the cabinet's last message,
        and what a snapshot shows came after the snapshot before it. `started_at` is the time of the eject.
        """
        if cabinet is None:
            return self.at
        outage = cabinet.outage_before(self.at)
        absent_at = cabinet.snapshot_at if self.source is SightingSource.SNAPSHOT else cabinet.last_seen_at
        if outage is not None and self._may_be_about(outage, cabinet, started_at):
            silent = self.source is SightingSource.SNAPSHOT and not outage.reported
            absent_at = min(outage.since, absent_at or outage.since) if silent else outage.since
        elif self.source is SightingSource.RETURN:
            return self.at
        return min(absent_at or self.at, self.at)

    def _may_be_about(self, outage: Outage, cabinet: Cabinet, started_at: datetime) -> bool:
        """Whether the power bank may have come during the outage. A return frame is sent at once when it comes, so
        that only a reported outage of a few minutes ago makes it doubtful."""
        if outage.until is not None and started_at >= outage.until:
            return False
        if self.source is SightingSource.RETURN:
            return outage.reported and outage.reporting(self.at)
        return outage.reporting(self.at) or outage.untold(cabinet.snapshot_at)

    def precedes(self, rental: Rental) -> bool:
        """Whether the cabinet sent this before the customer asked for the rental."""
        return self.at + CLOCK_GRAIN <= rental.requested_at

    def never_left(self, rental: Rental) -> bool:
        """Whether the power bank most likely stayed in its slot.

        True when a snapshot shows it in the very slot it was to come out of, after its rental failed.
        """
        station = rental.station
        return (
            rental.state is RentalState.FAILED
            and self.source is SightingSource.SNAPSHOT
            and (station.sn, station.slot_number) == (self.binding.sn, self.slot.slot_number)
        )

    def placed(self, powerbank: Powerbank) -> Powerbank:
        """The power bank recorded in this slot."""
        return powerbank.placed_in(self.binding.sn, self.slot.slot_number, self.slot.battery_percent, self.at)

    def quarantined(self, powerbank: Powerbank | None) -> Powerbank:
        """The power bank, which the service may not know yet (None), quarantined in this slot."""
        powerbank = powerbank or Powerbank(self.powerbank_sn, Custody.QUARANTINE, self.at)
        return powerbank.quarantined(self.binding.sn, self.slot.slot_number, self.at)

    def without_rental(self, powerbank: Powerbank) -> SightingResult:
        """What a sighting of a power bank that no customer has out means: HANDLED, STALE or QUARANTINED."""
        here = (powerbank.station_sn, powerbank.slot_number) == (self.binding.sn, self.slot.slot_number)
        if here and powerbank.custody in (Custody.SLOT, Custody.QUARANTINE):
            return SightingResult.HANDLED
        return SightingResult.STALE if self.at <= powerbank.moved_at else SightingResult.QUARANTINED
