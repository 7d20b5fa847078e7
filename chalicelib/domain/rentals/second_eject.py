"""A rental whose eject failed for certain, so that another power bank of the station is ejected once."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.superseded_eject import SupersededEject

OTHER_CAME_OUT = "other_came_out"
"""The failure of an eject that had no answer when the power bank of an earlier one came out."""


def may_eject_another(rental: Rental, retries_count: int, now: datetime) -> bool:
    """Whether another power bank is ejected at `now` after a definite failure, at most `retries_count` times.

    A swap counts anew. After `eject_by` the customer has probably left. A power bank that may have come out of the
    wrong slot forbids it.
    """
    since = rental.swap.returned_at if rental.swapping and rental.swap else None
    failures = [refused for refused in rental.superseded_ejects if since is None or refused.requested_at >= since]
    return len(failures) < retries_count and now <= rental.eject_by and rental.other_powerbank_sn is None


def with_another(
    rental: Rental, slot: Slot, *, failure: str, beside_id: str, at: datetime, within: timedelta, grace: timedelta
) -> Rental:
    """The rental after its eject failed for certain: the power bank in `slot` is to come out at `at`.

    Its price and its hold stay. The command is sent until `within` after `at`, and the sweep checks `grace` later.
    """
    return replace(
        rental,
        powerbank_sn=slot.powerbank_sn or "",
        battery_percent=slot.battery_percent,
        station=replace(rental.station, slot_number=slot.slot_number),
        requested_at=at,
        eject_by=at + within,
        sweep_at=at + within + grace,
        reports=(),
        superseded_ejects=(*rental.superseded_ejects, _refused(rental, failure, beside_id)),
    )


def superseded_eject_of(rental: Rental, powerbank_sn: str) -> SupersededEject | None:
    """The superseded eject of this power bank, if the rental has got another power bank since."""
    if rental.powerbank_sn == powerbank_sn:
        return None
    return next((refused for refused in rental.superseded_ejects if refused.powerbank_sn == powerbank_sn), None)


def beside(rental: Rental, refused: SupersededEject) -> Rental:
    """The rental of the power bank of a superseded eject, as if it had failed by itself.

    It is stored only when that power bank comes out, and then has its own price.
    """
    return Rental(
        refused.rental_id,
        rental.user_id,
        rental.package,
        rental.terms,
        refused.station,
        refused.powerbank_sn,
        refused.battery_percent,
        refused.requested_at,
        refused.eject_by,
        state=RentalState.FAILED,
        failure=refused.failure,
    )


def with_first_again(rental: Rental, refused: SupersededEject) -> Rental:
    """A starting or released rental whose refused power bank came out after all. The eject of the other one takes
    its place among the refused ones: it may come out too."""
    other = _refused(rental, rental.failure or OTHER_CAME_OUT, refused.rental_id)
    return replace(
        rental,
        powerbank_sn=refused.powerbank_sn,
        battery_percent=refused.battery_percent,
        station=refused.station,
        requested_at=refused.requested_at,
        eject_by=refused.eject_by,
        failure=refused.failure if rental.released else None,
        reports=(),
        superseded_ejects=tuple(other if each == refused else each for each in rental.superseded_ejects),
    )


def awaits_another_answer(rental: Rental) -> bool:
    """Whether a power bank came out although the command of a later eject of the rental is under way."""
    later = (each for each in rental.superseded_ejects if each.requested_at > rental.requested_at)
    return any(each.failure == OTHER_CAME_OUT for each in later)


def latest_request_at(rental: Rental) -> datetime:
    """When the latest eject at the rental's station was requested for it."""
    superseded = (each.requested_at for each in rental.superseded_ejects if each.station.sn == rental.station.sn)
    return max((rental.requested_at, *superseded))


def _refused(rental: Rental, failure: str, beside_id: str) -> SupersededEject:
    return SupersededEject(
        rental.powerbank_sn,
        rental.battery_percent,
        rental.station,
        rental.requested_at,
        rental.eject_by,
        failure,
        beside_id,
    )
