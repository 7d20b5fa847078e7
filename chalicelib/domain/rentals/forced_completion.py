"""The end of a rental that an operator completes, because no cabinet reports the return of its power bank."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.cabinets.device_time import clamp
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate


def force_completed(before: RentalAggregate, ended_at: datetime, now: datetime) -> RentalAggregate:
    """The rental ends as with a return at `ended_at`, and the place of its power bank is unknown.

    No cabinet proves the return, so that no cancellation makes it free. The power bank is nobody's from now on: a
    report of it ends no rental, and puts it into quarantine. Raises Problem("rental_not_active").
    """
    rental = before.rental
    if not rental.out:
        raise Problem("rental_not_active", status=rental.state.value)
    started_at = rental.started_at or rental.requested_at
    after = before.ended(clamp(ended_at, not_before=started_at, not_after=now), rental.station, now, now)
    ended = replace(after.rental, return_station=None, return_in_doubt=True)
    powerbank = before.powerbank
    if powerbank.rental_id == rental.rental_id:
        lost = powerbank.location_lost(now)
        powerbank = replace(lost, last_rental_id=None, last_user_id=None, returned_rental_id=rental.rental_id)
    return replace(after, rental=ended, powerbank=powerbank, cabinet=None)
