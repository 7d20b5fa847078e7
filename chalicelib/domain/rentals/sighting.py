"""A power bank that a cabinet reports in one of its slots, and what that says of a rental."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.cabinets.cabinet import Binding, Cabinet
from chalicelib.domain.cabinets.cabinet_outage import CLOCK_GRAIN, Outage
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.service_state import Service
from chalicelib.domain.cabinets.slot import NORMAL, Slot
from chalicelib.domain.cabinets.slot_reports import ReportKind, SlotReport
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_station import RentalStation
from chalicelib.domain.stations.station import Station

RESENT_WITHIN = timedelta(minutes=1)
"""A cabinet may report one return more than once within this time."""


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
    """The power bank is stored in this slot: it did not come out of the slot that its rental had reserved, or
    this is the first report of it since its registration."""
    HINTED = "hinted"
    """The power bank counts as out. The report is the first that hints at a return, and the next one settles it."""
    DOUBTED = "doubted"
    """The power bank counts as out. The report is stored, and does not prove a return yet."""
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
    earliest_at: datetime | None = None
    """The earliest time at which the power bank can have come, where an earlier read of the cabinet gave it."""
    listed_sns: frozenset[str] = frozenset()
    """All power banks that the same snapshot lists."""
    digest: str | None = None
    """The digest of the snapshot's bytes."""

    @property
    def place(self) -> RentalStation:
        return RentalStation(self.binding.sn, self.binding.name, self.binding.imei, self.slot.slot_number)

    def since(self, cabinet: Cabinet | None, started_at: datetime) -> datetime:
        """The earliest time at which the power bank can have come; the customer has the benefit of the doubt.

        A power bank that was out during an outage of the cabinet may have come at once after the cabinet's last
        message. Otherwise a return frame gives the time itself. A slot change came after the cabinet's last message,
        and what a snapshot shows came after the snapshot before it. `started_at` is the time of the eject.
        """
        if self.earliest_at is not None:
            return self.earliest_at
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
        return outage.reporting(self.at) or outage.is_unreported(cabinet.snapshot_at)

    def precedes(self, rental: Rental) -> bool:
        """Whether the cabinet sent this before the customer requested the rental."""
        return self.at + CLOCK_GRAIN <= rental.requested_at

    def is_about(self, rental: Rental, powerbank: Powerbank) -> bool:
        """Whether the sighting can be about the rental.

        After a failed eject only the slot of the rental and a return frame can: staff may move the power bank. Once
        the cabinet answered that it did not find the power bank, only the slot can: it did not come out. So it is
        while the return before the eject is in doubt: the customer before may have had the power bank all along.
        """
        never_there = powerbank.custody is Custody.UNKNOWN and powerbank.doubted_owner is not None
        if (rental.not_found or never_there) and not self.in_slot_of(rental):
            return False
        in_doubt = powerbank.custody is Custody.SLOT and powerbank.rental_id != rental.rental_id
        return not in_doubt or self.in_slot_of(rental) or self.source is SightingSource.RETURN

    def in_slot_of(self, rental: Rental) -> bool:
        """Whether this is the slot that the rental's power bank was to come out of."""
        station = rental.station
        return (station.sn, station.slot_number) == (self.binding.sn, self.slot.slot_number)

    def report(self, cabinet: Cabinet | None, rental: Rental) -> SlotReport:
        """The sighting as a report of the slot that the rental's power bank was to leave."""
        changed = cabinet is not None and (self._says_something_new(cabinet, rental) or self.is_new_reading(cabinet))
        kind = ReportKind(self.source.value)
        since = self.since(cabinet, rental.started_at or rental.requested_at)
        return SlotReport(self.at, kind, since, self.slot.battery_percent, changed, self.digest)

    def _says_something_new(self, cabinet: Cabinet, rental: Rental) -> bool:
        """False when the cabinet only repeats what it listed before the power bank left.

        After a damaged frame since then, a listing counts: the frame may have been the power bank's return. It left
        at some time since the request: a snapshot without it may be all that says so.
        """
        left_at = rental.requested_at if rental.started_at is not None else self.at
        damaged_since = cabinet.damaged_at is not None and cabinet.damaged_at > left_at
        return damaged_since or not cabinet.already_lists(self.powerbank_sn, self.slot.slot_number)

    def is_new_reading(self, cabinet: Cabinet) -> bool:
        """Whether this snapshot has other bytes than the one before: the cabinet has read its slots again."""
        return self.digest is not None and self.digest != cabinet.snapshot_digest

    def repeats_listing(self, cabinet: Cabinet | None, rental: Rental) -> bool:
        """Whether a snapshot only lists the power bank where the cabinet listed it before, which proves no return."""
        if cabinet is None or self.source is not SightingSource.SNAPSHOT:
            return False
        return not self._says_something_new(cabinet, rental)

    def proves_return(self, powerbank: Powerbank) -> bool:
        """Whether this return frame proves the doubtful return that put the power bank into this slot."""
        is_in_place = (powerbank.station_sn, powerbank.slot_number) == (self.binding.sn, self.slot.slot_number)
        soon = self.at < powerbank.moved_at + RESENT_WITHIN
        return is_in_place and powerbank.doubted_owner is not None and soon and self.source is SightingSource.RETURN

    def came_unasked(self, powerbank: Powerbank) -> bool:
        """Whether a return frame says that a power bank without a rental came into the slot that it is stored in.

        Soon after a return the frame may be that return's.
        """
        here = (powerbank.station_sn, powerbank.slot_number) == (self.binding.sn, self.slot.slot_number)
        later = self.at >= powerbank.moved_at + RESENT_WITHIN
        return powerbank.unrented_in_slot and here and later and self.source is SightingSource.RETURN

    @classmethod
    def reported(cls, rental: Rental, report: SlotReport) -> "Sighting":
        """A report of the rental's slot as the sighting that ends the rental."""
        station = rental.station
        slot = Slot(station.slot_number, NORMAL, rental.powerbank_sn, report.battery_percent)
        binding = Binding(station.imei, station.sn, station.name)
        return cls(rental.powerbank_sn, binding, slot, report.at, SightingSource(report.kind.value), report.since)

    @classmethod
    def of_stored_slot(
        cls, powerbank: Powerbank, slot_number: int, station: Station, at: datetime, source: SightingSource
    ) -> "Sighting":
        """The slot of `station` where the power bank is stored, as a report of `source` at `at`."""
        slot = Slot(slot_number, NORMAL, powerbank.powerbank_sn, powerbank.battery_percent)
        binding = Binding(station.imei, station.sn, station.name)
        return cls(powerbank.powerbank_sn, binding, slot, at, source)

    def placed(self, powerbank: Powerbank) -> Powerbank:
        """The power bank recorded in this slot."""
        return powerbank.placed_in(self.binding.sn, self.slot.slot_number, self.slot.battery_percent, self.at)

    def quarantined(self, powerbank: Powerbank | None) -> Powerbank:
        """The power bank, which the service may not know yet (None), quarantined in this slot."""
        unknown = Powerbank(self.powerbank_sn, Custody.QUARANTINE, self.at, service=Service.UNREGISTERED)
        powerbank = powerbank or replace(unknown, battery_percent=self.slot.battery_percent)
        return powerbank.quarantined(self.binding.sn, self.slot.slot_number, self.at)

    def without_rental(self, powerbank: Powerbank) -> SightingResult:
        """What a sighting of a power bank that no customer has out means: HANDLED, STALE, IN_SLOT or QUARANTINED.

        IN_SLOT is for a power bank that was registered before any cabinet reported it.
        """
        is_in_place = (powerbank.station_sn, powerbank.slot_number) == (self.binding.sn, self.slot.slot_number)
        if is_in_place and powerbank.custody in (Custody.SLOT, Custody.QUARANTINE):
            return SightingResult.HANDLED
        if self.at <= powerbank.moved_at:
            return SightingResult.STALE
        return SightingResult.IN_SLOT if powerbank.awaited else SightingResult.QUARANTINED
