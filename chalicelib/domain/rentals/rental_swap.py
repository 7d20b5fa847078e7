"""A rental whose faulty power bank is swapped, or which ends free of charge because there is no other."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.money.payment_plan import split
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.eject_times import EjectTimes
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.domain.rentals.rental_cancellation import cancellable_return, cancelled
from chalicelib.domain.rentals.rental_state import NOT_SWAPPED, RentalState
from chalicelib.domain.rentals.rental_station import RentalStation
from chalicelib.domain.rentals.swap import Swap


def swap_until(rental: Rental, now: datetime) -> datetime | None:
    """Until when the power bank of a rental can be swapped after a report at `now`. None when it can't."""
    if rental.state is not RentalState.ACTIVE or rental.started_at is None:
        return None
    if rental.due_paisa or (rental.swap is not None and not rental.swap.open):
        return None
    until = rental.started_at + timedelta(minutes=rental.terms.swap_minutes)
    return until if now < until else None


def with_report(rental: Rental, now: datetime) -> Rental:
    """The rental after its power bank was reported as faulty at `now`. The first report in time counts."""
    if rental.swap is not None or rental.started_at is None or swap_until(rental, now) is None:
        return rental
    return replace(rental, swap=Swap(now, rental.requested_at, rental.powerbank_sn, rental.started_at))


def reported_powerbank(rental: Rental, named_sn: str | None) -> str:
    """The power bank that a report is about: the one that it names, or else the one that came out last.

    Who names the power bank that was asked for means the one that came out in its place.

    Raises Problem: not_found for one that the rental did not have.
    """
    first_sn = rental.swap.powerbank_sn if rental.swap and not rental.swap.open else None
    if named_sn is None or named_sn == rental.asked_powerbank_sn:
        return first_sn if first_sn and rental.started_at is None else rental.powerbank_sn
    if named_sn not in (first_sn, rental.powerbank_sn, rental.other_powerbank_sn):
        raise Problem("not_found", what="powerbank")
    return named_sn


def came_out(rental: Rental, powerbank_sn: str) -> bool:
    """Whether this power bank of the rental came out of its slot."""
    swapped_sn = rental.swap.powerbank_sn if rental.swap and not rental.swap.open else None
    return powerbank_sn == swapped_sn or rental.started_at is not None


def swapped(rental: Rental, returned_at: datetime, station: RentalStation, slot: Slot, times: EjectTimes) -> Rental:
    """The faulty power bank came back at `returned_at`, and the one in `slot` of the same station is to come out.

    The price stays paid, and the due time stays: `Swap.began_at` keeps it.
    """
    swap = rental.swap
    if swap is None or rental.started_at is None:
        raise ValueError("no power bank to swap")
    return replace(
        rental.moved_to(RentalState.STARTING),
        swap=replace(swap, first_out_at=rental.started_at, returned_at=returned_at),
        station=replace(station, slot_number=slot.slot_number),
        powerbank_sn=slot.powerbank_sn or "",
        battery_percent=slot.battery_percent,
        requested_at=times.requested_at,
        eject_by=times.eject_by,
        sweep_at=times.sweep_at,
        started_at=None,
        due_at=None,
        asked_powerbank_sn=None,
        reports=(),
    )


def ended_free(before: RentalAggregate, after: RentalAggregate, now: datetime) -> RentalAggregate:
    """The rental `before` with the return of `after`, and all that was paid given back to where it was paid from."""
    place, ended_at = after.rental.return_station, after.rental.ended_at
    if place is None or ended_at is None:
        raise ValueError("not returned")
    ended = before.rental.returned(ended_at, place, 0, split(0, points=0, wallet_paisa=0))
    account = before.account.returned(ended.rental_id, cancellable_return(ended), ended_at)
    free, account, posted = cancelled(ended, account, None, now)
    return replace(
        after,
        rental=replace(free, failure=NOT_SWAPPED),
        account=account,
        powerbank=after.powerbank.with_certain_return(),
        postings=(*before.postings, *posted),
    )
