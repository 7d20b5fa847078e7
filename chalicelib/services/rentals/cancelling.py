"""Cancels a rental: releases its hold while it is starting, or refunds it once its power bank is back in time."""

from chalicelib import log
from chalicelib.domain.problems.problems import must_exist
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_cancellation import cancelled, must_be_cancellable
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.rentals import queries
from chalicelib.services.rentals.changes import Change, stage_change
from chalicelib.tables import powerbanks, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import World


def prefetch_keys(user_id: str, rental_id: str) -> tuple[Key[Rental]]:
    """The rows to read together with the caller."""
    return (rentals.rental_key(user_id, rental_id),)


def cancel(world: World, caller: Caller, rental_id: str, reason: str | None) -> Rental:
    """Cancel a rental. A rental that is cancelled already is returned as it is.

    Raises Problem: not_found, powerbank_not_returned, cancel_too_late, due_unpaid, rental_not_active.
    """
    if caller.earlier_resource_id is not None:
        return queries.read(caller.user_id, rental_id)
    (key,) = prefetch_keys(caller.user_id, rental_id)

    def decide(ops: Transaction) -> Rental:
        current_caller, now = fresh_caller(world, caller, ops), world.now()
        rental = must_exist(current_caller.rows[key])
        if rental.state is RentalState.CANCELLED:
            return rental
        must_be_cancellable(rental, now)
        after, account, posted = cancelled(rental, current_caller.account, reason, now)
        if rental.state is RentalState.STARTING:
            _lose_powerbank(ops, world, rental)
        return stage_change(ops, world, current_caller, Change(rental, after, account, posted))

    rental = atomic(world, decide)
    log.fact("rental_cancelled", rental_id=rental_id, reason=rental.failure)
    return rental


def _lose_powerbank(ops: Transaction, world: World, rental: Rental) -> None:
    """Stage that the place of the reserved power bank is unknown: the eject command may be on its way.

    The first attempt changes the row without a read. It is stale when the power bank is not reserved any more.
    """
    if ops.attempt == 0:
        owner = (rental.user_id, rental.rental_id)
        powerbanks.lose_reserved(ops, rental.powerbank_sn, owner, world.now())
        return
    powerbank = fetch_one(powerbanks.powerbank_key(rental.powerbank_sn))
    if powerbank is not None and powerbank.rental_id == rental.rental_id:
        powerbanks.save_powerbank(ops, powerbank.location_lost(world.now()))
