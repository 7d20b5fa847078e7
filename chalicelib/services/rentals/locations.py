"""Stores where the power bank of an active rental is, one point a minute."""

from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.caller import Caller
from chalicelib.tables import rental_locations, rentals
from chalicelib.tables.rows import Key
from chalicelib.world import World


def prefetch_keys(user_id: str, rental_id: str) -> tuple[Key[Rental]]:
    """The rows to read together with the caller."""
    return (rentals.rental_key(user_id, rental_id),)


def store(
    world: World, caller: Caller, rental_id: str, place: tuple[float, float], accuracy_metres: float | None
) -> bool:
    """Store a point of latitude and longitude. False when the minute has one: the new point is left out.

    Raises Problem: not_found, rental_not_active.
    """
    rental = must_exist(caller.rows[prefetch_keys(caller.user_id, rental_id)[0]])
    if rental.state is not RentalState.ACTIVE:
        raise Problem("rental_not_active", status=rental.state.value)
    return rental_locations.add(caller.user_id, rental_id, world.now(), place, accuracy_metres)
