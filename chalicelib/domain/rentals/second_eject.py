"""A rental whose eject failed for certain, so that another power bank of the station is ejected once."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.rentals.eject_times import EjectTimes
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.superseded_eject import SupersededEject

OTHER_CAME_OUT = "other_came_out"
"""The failure of an eject that had no answer when the power bank of an earlier one came out."""


def may_eject_another(rental: Rental, retries_count: int, now: datetime) -> bool:
    """Whether another power bank is ejected at `now` after a definite failure, at most `retries_count` times.

    Failures before a swap do not count. After `eject_by` the customer has probably left. A power bank that may have
    come out of the wrong slot forbids it.
    """
    since = rental.swap.returned_at if rental.swapping and rental.swap else None
    failures = [
        superseded for superseded in rental.superseded_ejects if since is None or superseded.requested_at >= since
    ]
    return len(failures) < retries_count and now <= rental.eject_by and rental.other_powerbank_sn is None


def with_another(rental: Rental, slot: Slot, *, failure: str, separate_id: str, times: EjectTimes) -> Rental:
    """The rental after its eject failed for certain: the power bank in `slot` is to come out. Price and hold stay.

    `separate_id` is the id of the rental that begins if the first power bank comes out too.
    """
    return replace(
        rental,
        powerbank_sn=slot.powerbank_sn or "",
        battery_percent=slot.battery_percent,
        station=replace(rental.station, slot_number=slot.slot_number),
        requested_at=times.requested_at,
        eject_by=times.eject_by,
        sweep_at=times.sweep_at,
        reports=(),
        superseded_ejects=(*rental.superseded_ejects, _superseded(rental, failure, separate_id)),
    )


def superseded_eject_of(rental: Rental, powerbank_sn: str) -> SupersededEject | None:
    """The superseded eject of this power bank, if the rental has got another power bank since."""
    if rental.powerbank_sn == powerbank_sn:
        return None
    return next(
        (superseded for superseded in rental.superseded_ejects if superseded.powerbank_sn == powerbank_sn), None
    )


def separate_rental(rental: Rental, superseded: SupersededEject) -> Rental:
    """The rental of the power bank of a superseded eject, as if it had failed by itself.

    It is stored only when that power bank comes out, and then has its own price.
    """
    return Rental(
        superseded.rental_id,
        rental.user_id,
        rental.package,
        rental.terms,
        superseded.station,
        superseded.powerbank_sn,
        superseded.battery_percent,
        superseded.requested_at,
        superseded.eject_by,
        state=RentalState.FAILED,
        failure=superseded.failure,
    )


def with_superseded_again(rental: Rental, superseded: SupersededEject) -> Rental:
    """A starting or released rental whose superseded eject came true after all: it has that power bank again.

    The eject of the other power bank takes its place among the superseded ones: that one may come out too.
    """
    other = _superseded(rental, rental.failure or OTHER_CAME_OUT, superseded.rental_id)
    return replace(
        rental,
        powerbank_sn=superseded.powerbank_sn,
        battery_percent=superseded.battery_percent,
        station=superseded.station,
        requested_at=superseded.requested_at,
        eject_by=superseded.eject_by,
        failure=superseded.failure if rental.released else None,
        reports=(),
        superseded_ejects=tuple(other if each == superseded else each for each in rental.superseded_ejects),
    )


def awaits_another_answer(rental: Rental) -> bool:
    """Whether a power bank came out although the command of a later eject of the rental is under way."""
    later = (each for each in rental.superseded_ejects if each.requested_at > rental.requested_at)
    return any(each.failure == OTHER_CAME_OUT for each in later)


def latest_request_at(rental: Rental, station_sn: str) -> datetime | None:
    """When the latest eject at this station was requested for the rental. None without one there."""
    ejects: tuple[Rental | SupersededEject, ...] = (rental, *rental.superseded_ejects)
    return max((each.requested_at for each in ejects if each.station.sn == station_sn), default=None)


def _superseded(rental: Rental, failure: str, separate_id: str) -> SupersededEject:
    return SupersededEject(
        rental.powerbank_sn,
        rental.battery_percent,
        rental.station,
        rental.requested_at,
        rental.eject_by,
        failure,
        separate_id,
    )
