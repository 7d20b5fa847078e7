"""Ends the rental of a power bank that a cabinet reports in one of its slots.

A return frame, a slot change and a snapshot may report the same return. The first report to arrive ends the rental.
"""

from dataclasses import dataclass

from chalicelib import log
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.outage import CLOCK_GRAIN
from chalicelib.domain.powerbank import Powerbank
from chalicelib.domain.rental import Rental, RentalState
from chalicelib.domain.rental_aggregate import RentalAggregate
from chalicelib.domain.return_doubt import ReturnDoubt
from chalicelib.domain.sighting import Sighting, SightingResult
from chalicelib.services.rentals import aggregate, ejects, return_doubts
from chalicelib.tables import powerbanks
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


@dataclass(frozen=True)
class _Decision:
    """What was staged. `rental` is the one that ended, `freed` whether its eject kept the cabinet busy until now."""

    result: SightingResult
    rental: Rental | None = None
    freed: bool = False
    doubt: ReturnDoubt | None = None


def handle_sighting(world: World, sighting: Sighting, powerbank: Powerbank | None) -> SightingResult:
    """Take in a power bank that is in a slot. `powerbank` is its row as just read, None where there is none.

    Nothing is dropped: a power bank that belongs to no rental is quarantined.
    """
    bank_key = powerbanks.powerbank_key(sighting.powerbank_sn)

    def decide(ops: Transaction) -> _Decision:
        current = powerbank if ops.attempt == 0 else fetch_one(bank_key)
        owner = current.rental_on_return if current is not None else None
        before = aggregate.load(*owner, sighting.powerbank_sn, sighting.binding.sn) if owner else None
        if before is not None:
            return _end(ops, world, before, sighting)
        result = sighting.without_rental(current) if current is not None else SightingResult.QUARANTINED
        if result is SightingResult.QUARANTINED:
            powerbanks.save_powerbank(ops, sighting.quarantined(current))
        return _Decision(result)

    decision = atomic(world, decide)
    ids = {"powerbank_sn": sighting.powerbank_sn, "sn": sighting.binding.sn, "source": sighting.source.value}
    if decision.result is SightingResult.QUARANTINED:
        log.alarm(Alarm.POWERBANK_QUARANTINED, **ids)
    elif decision.rental is not None:
        rental = decision.rental
        log.fact("rental_ended", rental_id=rental.rental_id, status=rental.state.value, **ids)
        if decision.freed:
            aggregate.free_station(world, rental)
        if decision.doubt is not None:
            return_doubts.count(world, decision.doubt)
    return decision.result


def _end(ops: Transaction, world: World, before: RentalAggregate, sighting: Sighting) -> _Decision:
    """End the rental. One that is starting or failed is ejected first: the power bank must have come out."""
    rental = before.rental
    if sighting.precedes(rental):
        return _Decision(SightingResult.STALE)
    if sighting.never_left(rental):
        return _put_in_slot(ops, before, sighting)
    out: RentalAggregate | None = before
    if rental.state in (RentalState.STARTING, RentalState.FAILED):
        out = ejects.mark_ejected(world, before, min(rental.requested_at + CLOCK_GRAIN, sighting.at))
    if out is None:
        return _put_in_slot(ops, before, sighting)
    if out.rental.state is not RentalState.ACTIVE:
        return _Decision(SightingResult.HANDLED)
    after = out.returned(sighting, world.now())
    aggregate.save(ops, after)
    doubt = return_doubts.stage(ops, world, after.rental, sighting)
    freed = rental.state is not RentalState.ACTIVE
    return _Decision(SightingResult.ENDED, after.rental, freed=freed, doubt=doubt)


def _put_in_slot(ops: Transaction, before: RentalAggregate, sighting: Sighting) -> _Decision:
    powerbanks.save_powerbank(ops, sighting.placed(before.powerbank))
    return _Decision(SightingResult.IN_SLOT)
