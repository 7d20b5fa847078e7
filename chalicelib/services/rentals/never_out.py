"""Ends rentals whose power bank did not come out for them, and gives back what they cost."""

from dataclasses import replace

from chalicelib.domain.rentals.eject_fate import EjectFate
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.domain.rentals.rental_state import NOT_FOUND, STAYED_IN_SLOT
from chalicelib.domain.rentals.sighting import Sighting
from chalicelib.services import stranded_money
from chalicelib.services.rentals import aggregate
from chalicelib.services.rentals.next_due import MAX_SCANNED, with_next_due
from chalicelib.tables import rentals
from chalicelib.tables.atomic import Transaction
from chalicelib.world import World


def stage_elsewhere(ops: Transaction, world: World, before: RentalAggregate, sighting: Sighting) -> Rental:
    """Stage the end of a rental as failed: another slot lists its power bank, too soon after the request for a
    customer to have moved it."""
    failed = before.eject_failed("found_elsewhere", world.now(), EjectFate.STAYED)
    return _save(ops, world, before, replace(failed, powerbank=sighting.placed(failed.powerbank)))


def stage_stayed(ops: Transaction, world: World, before: RentalAggregate) -> Rental:
    """Stage the end of a starting rental as failed: its slot still lists its power bank."""
    return _save(ops, world, before, before.eject_failed(STAYED_IN_SLOT, world.now(), EjectFate.STAYED))


def stage_undone(ops: Transaction, world: World, before: RentalAggregate, sighting: Sighting) -> Rental:
    """Stage that an active or lost rental costs nothing: its power bank has been in its slot all along."""
    failed = _undone(ops, world, before, STAYED_IN_SLOT)
    return _save(ops, world, before, replace(failed, powerbank=sighting.placed(failed.powerbank)))


def stage_not_found(ops: Transaction, world: World, before: RentalAggregate) -> None:
    """Stage that an active or lost rental costs nothing: its power bank had left its slot before the request."""
    _save(ops, world, before, _undone(ops, world, before, NOT_FOUND))


def _undone(ops: Transaction, world: World, before: RentalAggregate, failure: str) -> RentalAggregate:
    """An active or lost rental as failed, with all that it cost given back."""
    rental = before.rental
    newest = rentals.newest(rental.user_id, before=None, limit=MAX_SCANNED)
    starts = [other.started_at for other in newest if other.started_at and other.rental_id != rental.rental_id]
    starts += [swap.first_out_at for swap in (rental.swap,) if swap and not swap.open]
    after = before.never_out(failure, world.now(), max(starts, default=None))
    paisa = after.stranded_paisa
    if paisa:
        ops.after_commit(lambda: stranded_money.report(rental.user_id, paisa, rental_id=rental.rental_id))
    return replace(after, account=with_next_due(after.account, rental.rental_id)) if rental.due_paisa else after


def _save(ops: Transaction, world: World, before: RentalAggregate, failed: RentalAggregate) -> Rental:
    """Stage the failed rental. The cabinet's row is not written with it."""
    failed = replace(failed, cabinet=None)
    aggregate.save(ops, world, before.rental, failed)
    return failed.rental
