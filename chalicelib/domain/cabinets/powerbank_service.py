"""Whether operators have a power bank in service, and how they register it, set it aside and take it back."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.service_state import Service


class PowerbankStatus(StrEnum):
    """The state of a power bank as operators see it."""

    AVAILABLE = "available"
    RESERVED = "reserved"
    RENTED = "rented"
    REPORTED = "reported"
    """Customers reported it as faulty. Nobody can rent it until an operator takes it back."""
    MAINTENANCE = "maintenance"
    UNREGISTERED = "unregistered"
    QUARANTINED = "quarantined"
    """A cabinet reported it in a slot, and no rental explains how it came there."""
    IN_TWO_PLACES = "in_two_places"
    """A station lists it although it is stored at another place. It is in one of the two."""
    MISSING = "missing"
    """In no slot and in no rental, as far as cabinets report."""


def status_of(powerbank: Powerbank, fault_reports: int) -> PowerbankStatus:
    """The status of a power bank. `fault_reports` reports of a fault set it aside."""
    if powerbank.custody is Custody.RENTED:
        return PowerbankStatus.RENTED
    if powerbank.custody is Custody.UNKNOWN:
        return PowerbankStatus.MISSING
    if powerbank.rental_id is not None:
        return PowerbankStatus.RESERVED
    if powerbank.service is Service.UNREGISTERED:
        return PowerbankStatus.UNREGISTERED
    if powerbank.service is Service.MAINTENANCE:
        return PowerbankStatus.MAINTENANCE
    if powerbank.custody is Custody.QUARANTINE:
        return PowerbankStatus.QUARANTINED
    if powerbank.other_place is not None:
        return PowerbankStatus.IN_TWO_PLACES
    return PowerbankStatus.REPORTED if powerbank.faults_count >= fault_reports else PowerbankStatus.AVAILABLE


def for_rent(powerbank: Powerbank, fault_reports: int) -> bool:
    """Whether customers may rent the power bank, as far as its place, its service and reports of it say.

    One that a rental has reserved counts too. `fault_reports` reports of a fault set it aside.
    """
    in_place = powerbank.custody is Custody.SLOT and powerbank.other_place is None
    return in_place and powerbank.service is Service.IN_SERVICE and powerbank.faults_count < fault_reports


def registered(powerbank: Powerbank, model: str, capacity_mah: int | None, now: datetime) -> Powerbank:
    """An unknown power bank, in service from now on."""
    return in_service(replace(powerbank, model=model, capacity_mah=capacity_mah), now)


def in_service(powerbank: Powerbank, now: datetime) -> Powerbank:
    """A power bank that an operator has looked at. Reports of faults and of a second place start
    from zero, and a quarantine ends.

    An eject that failed lately stays: until it is forgotten, a snapshot may still show that the power bank came out.
    """
    after = replace(powerbank, service=Service.IN_SERVICE, faults_count=0, other_place=None)
    if powerbank.custody is not Custody.QUARANTINE or powerbank.station_sn is None or powerbank.slot_number is None:
        return after
    return after.placed_in(powerbank.station_sn, powerbank.slot_number, powerbank.battery_percent, now)


def set_aside(powerbank: Powerbank) -> Powerbank:
    """A power bank that nobody can rent from now on. A rental that has it goes on."""
    return replace(powerbank, service=Service.MAINTENANCE)
