"""Ends the rental to which another power bank than the rented one is tied, when that one comes back.

The rental then counts as a rental of this power bank. `wrong_slots` ties them.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.cabinets.cabinet_outage import CLOCK_GRAIN
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_suspicion import Suspicion
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.sighting import Sighting, SightingResult, SightingSource
from chalicelib.domain.rentals.wrong_slot_suspects import own_came_out
from chalicelib.services.rentals import aggregate, eject_confirmations
from chalicelib.tables import powerbanks, rentals
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


@dataclass(frozen=True)
class Return:
    """What a sighting of a tied power bank did. `after` is the ended rental, `freed` whether it was starting."""

    result: SightingResult
    after: RentalAggregate | None = None
    freed: bool = False


def stage_return(ops: Transaction, world: World, powerbank: Powerbank, sighting: Sighting) -> Return | None:
    """Stage the end of the rental for which the power bank may have come out. None when nothing is tied to it.

    A snapshot that only lists the power bank in the slot that it left does not prove that it was out, so that a
    rental that was given up costs nothing. It ends an active rental whose own power bank it lists too.
    """
    suspicion = powerbank.suspicion
    if suspicion is None or powerbank.owner is not None:
        return None
    before = aggregate.load(suspicion.user_id, suspicion.rental_id, powerbank.powerbank_sn, sighting.binding.sn)
    if before is None or not before.rental.may_have_powerbank or sighting.precedes(before.rental):
        return None
    rental = before.rental
    if suspicion.beside_own or own_came_out(rental, suspicion):
        return None
    if sighting.repeats_listing(before.cabinet, rental):
        return _stage_listed_all_along(ops, before, sighting)
    came_from = (rental.station.sn, suspicion.slot_number)
    if (sighting.binding.sn, sighting.slot.slot_number) == came_from:
        if sighting.at < suspicion.gone_at:
            return Return(SightingResult.STALE)
        paid = rental.out and rental.powerbank_sn in sighting.listed_sns
        if sighting.source is SightingSource.SNAPSHOT and not paid:
            return _stage_in_slot(ops, powerbank, sighting)
    return _stage_end(ops, world, before, suspicion, sighting)


def _stage_listed_all_along(ops: Transaction, before: RentalAggregate, sighting: Sighting) -> Return:
    """Stage that a station has the power bank which it listed all along, so that it came out for no rental.

    The first such snapshot is a doubt, which `two_places` reports. A later one counts if it is a new reading, and an
    operator has to look at the power bank. An active rental stays as it is: an operator decides.
    """
    powerbank, cabinet = before.powerbank, before.cabinet
    first_at = powerbank.other_place.at if powerbank.other_place else None
    read_again = cabinet is not None and sighting.is_new_reading(cabinet)
    if before.rental.out or not read_again or first_at is None or sighting.at <= first_at:
        return Return(SightingResult.DOUBTED)
    powerbanks.save_powerbank(ops, sighting.quarantined(powerbank))
    rentals.save(ops, replace(before.rental, other_powerbank_sn=None))
    return Return(SightingResult.QUARANTINED)


def without_other_in_slot(before: RentalAggregate, sighting: Sighting, grace: timedelta) -> RentalAggregate:
    """The rental without its tied power bank, if that is tied to it no more, or is in a slot again and the snapshot
    lists both power banks.

    Without it, reports that prove a return of the ordered power bank to its slot end the rental.
    """
    rental, other_sn = before.rental, before.rental.other_powerbank_sn
    if other_sn is None or rental.comeback(grace) is None:
        return before
    other = fetch_one(powerbanks.powerbank_key(other_sn))
    suspicion = other.suspicion if other is not None else None
    tied = suspicion is not None and suspicion.rental_id == rental.rental_id
    back = other is not None and other.custody is Custody.SLOT and other_sn in sighting.listed_sns
    return replace(before, rental=replace(rental, other_powerbank_sn=None)) if back or not tied else before


def stage_exchange(ops: Transaction, before: RentalAggregate, sighting: Sighting, grace: timedelta) -> bool:
    """Stage that an active rental has the power bank that is tied to it, and that the ordered one is in its slot.

    The cabinet answered that the ordered one came out. False unless reports of its slot prove that it is there. After
    a snapshot that lists both, the return of the tied one ends the rental.
    """
    rental, own = before.rental, before.powerbank
    other_sn, has_own = rental.other_powerbank_sn, own.owner == (rental.user_id, rental.rental_id)
    if rental.state is not RentalState.ACTIVE or other_sn is None or not has_own or rental.comeback(grace) is None:
        return False
    if other_sn in sighting.listed_sns:
        return False
    other = fetch_one(powerbanks.powerbank_key(other_sn))
    suspicion = other.suspicion if other is not None and other.custody is Custody.UNKNOWN else None
    if other is None or suspicion is None or suspicion.rental_id != rental.rental_id or suspicion.beside_own:
        return False
    powerbanks.save_powerbank(ops, _placed_without_return(own, sighting.placed(own)))
    other_out = other.ejected(rental.rental_id, rental.user_id, suspicion.gone_at)
    powerbanks.save_powerbank(ops, replace(other_out, answer_due_from=None))
    rentals.save(ops, rental.with_powerbank(other_sn, suspicion.slot_number))
    ops.after_commit(lambda: log.fact("rental_exchanged", rental_id=rental.rental_id, powerbank_sn=other_sn))
    return True


def _stage_in_slot(ops: Transaction, powerbank: Powerbank, sighting: Sighting) -> Return:
    """Stage that the power bank is in its slot. A later return frame may still prove that it was out."""
    if powerbank.custody is Custody.UNKNOWN:
        placed = replace(sighting.placed(powerbank), suspicion=powerbank.suspicion)
        powerbanks.save_powerbank(ops, placed)
    return Return(SightingResult.IN_SLOT)


def _stage_end(
    ops: Transaction, world: World, before: RentalAggregate, suspicion: Suspicion, sighting: Sighting
) -> Return:
    """Stage the end of the rental, which had the tied power bank and not the one that was asked for."""
    rental = before.rental
    other = replace(before.powerbank, answer_due_from=None)
    out = replace(before, rental=rental.with_powerbank(sighting.powerbank_sn, suspicion.slot_number), powerbank=other)
    if rental.out:
        out = replace(out, powerbank=other.ejected(rental.rental_id, rental.user_id, suspicion.gone_at))
    else:
        out = eject_confirmations.mark_ejected(world, out, min(rental.requested_at + CLOCK_GRAIN, sighting.at))
    own = fetch_one(powerbanks.powerbank_key(rental.powerbank_sn))
    if own is not None and own.rental_id == rental.rental_id:
        powerbanks.save_powerbank(ops, _left_in_slot(own, rental, sighting))
    after = out.returned(sighting, world.now(), certain=sighting.source is SightingSource.RETURN)
    aggregate.save(ops, world, rental, after)
    return Return(SightingResult.ENDED, after, freed=not rental.out)


def _left_in_slot(own: Powerbank, rental: Rental, sighting: Sighting) -> Powerbank:
    """The rented power bank, which stayed in its slot because another one came out."""
    if own.custody is Custody.SLOT:
        return own.eject_failed(sighting.at)
    station = rental.station
    at = max(own.moved_at, sighting.at)
    return _placed_without_return(own, own.placed_in(station.sn, station.slot_number, own.battery_percent, at))


def _placed_without_return(own: Powerbank, placed: Powerbank) -> Powerbank:
    """The power bank in its slot, which it did not leave: no rental ended with its return."""
    return replace(placed, returned_rental_id=own.returned_rental_id, returns_count=own.returns_count)
