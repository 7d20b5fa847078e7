"""Ends the rental of a power bank that a cabinet reports in one of its slots.

A return frame, a slot change and a snapshot may report the same return. The first report to arrive ends the rental.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.outage import CLOCK_GRAIN
from chalicelib.domain.powerbank import Custody, Powerbank
from chalicelib.domain.rental import Rental, RentalState
from chalicelib.domain.rental_aggregate import EjectFate, RentalAggregate
from chalicelib.domain.return_doubt import ReturnDoubt
from chalicelib.domain.sighting import Sighting, SightingResult, SightingSource
from chalicelib.services.best_effort import best_effort
from chalicelib.services.rentals import aggregate, checks, departures, return_doubts
from chalicelib.tables import powerbanks, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


@dataclass(frozen=True)
class _Decision:
    """What was staged. `rental` is the one that ended or failed, `freed` whether its eject kept the cabinet busy."""

    result: SightingResult
    rental: Rental | None = None
    freed: bool = False
    doubt: ReturnDoubt | None = None
    check: bool = False
    """Whether to ask the cabinet for a snapshot: the report is the first that hints at a return."""


def handle_sighting(world: World, sighting: Sighting, powerbank: Powerbank | None) -> SightingResult:
    """Take in a power bank that is in a slot. `powerbank` is its row as just read, None where there is none.

    Nothing is dropped: a power bank that belongs to no rental is quarantined.
    """
    bank_key = powerbanks.powerbank_key(sighting.powerbank_sn)
    doubtful_for = timedelta(minutes=world.settings().eject_unresolved_minutes)

    def decide(ops: Transaction) -> _Decision:
        current = powerbank if ops.attempt == 0 else fetch_one(bank_key)
        owner = current.rental_on_return(sighting.at, doubtful_for) if current is not None else None
        before = aggregate.load(*owner, sighting.powerbank_sn, sighting.binding.sn) if owner else None
        if before is not None and sighting.is_about(before.rental, before.powerbank):
            return _apply(ops, world, before, sighting)
        if current is not None and sighting.proves_return(current):
            powerbanks.save_powerbank(ops, current.with_certain_return())
            return _Decision(SightingResult.HANDLED)
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
            doubt = decision.doubt
            best_effort(lambda: return_doubts.count(world, doubt), "return_doubt", rental_id=rental.rental_id)
    if decision.check:
        checks.request(world, sighting.binding)
    return decision.result


def _apply(ops: Transaction, world: World, before: RentalAggregate, sighting: Sighting) -> _Decision:
    """End the rental. One that is starting or failed is ejected first: the power bank must have come out."""
    rental = before.rental
    if sighting.precedes(rental):
        return _Decision(SightingResult.STALE)
    if sighting.in_slot_of(rental):
        return _report(ops, world, before, sighting)
    if sighting.repeats_listing(before.cabinet, rental):
        return _Decision(SightingResult.DOUBTED)
    out: RentalAggregate | None = before
    if rental.state in (RentalState.STARTING, RentalState.FAILED):
        out = departures.mark_ejected(world, before, min(rental.requested_at + CLOCK_GRAIN, sighting.at))
    if out is None:
        powerbanks.save_powerbank(ops, sighting.placed(before.powerbank))
        return _Decision(SightingResult.IN_SLOT)
    if out.rental.state is not RentalState.ACTIVE:
        return _Decision(SightingResult.HANDLED)
    after = out.returned(sighting, world.now(), certain=sighting.source is SightingSource.RETURN)
    return _end(ops, world, after, sighting, freed=rental.state is not RentalState.ACTIVE)


def _report(ops: Transaction, world: World, before: RentalAggregate, sighting: Sighting) -> _Decision:
    """Keep a report of the slot that the power bank was to leave, and do what all reports together prove.

    While nothing proves that the power bank came out, the report is evidence that it stayed.
    """
    rental, now, grace = before.rental, world.now(), departures.grace(world)
    report = sighting.report(before.cabinet, rental)
    noted = before.with_report(report)
    if rental.state is RentalState.STARTING and sighting.at >= rental.eject_by + grace:
        failed = replace(noted.eject_failed("stayed_in_slot", now, EjectFate.STAYED), cabinet=None)
        aggregate.save(ops, failed)
        return _Decision(SightingResult.IN_SLOT, failed.rental, freed=True)
    if rental.state in (RentalState.STARTING, RentalState.FAILED):
        if noted.powerbank.custody is Custody.UNKNOWN:
            powerbanks.save_powerbank(ops, sighting.placed(noted.powerbank))
        if noted.rental != rental:
            rentals.save(ops, noted.rental)
        return _Decision(SightingResult.IN_SLOT)
    if rental.state is not RentalState.ACTIVE or noted.rental == rental:
        return _Decision(SightingResult.HANDLED)
    after = noted.came_back(grace, now)
    if after.rental.state is RentalState.ACTIVE:
        rentals.save(ops, after.rental)
        return _Decision(SightingResult.DOUBTED, check=after.rental.hints_at_return(grace))
    return _end(ops, world, after, sighting)


def _end(
    ops: Transaction, world: World, after: RentalAggregate, sighting: Sighting, *, freed: bool = False
) -> _Decision:
    aggregate.save(ops, after)
    doubt = return_doubts.stage(ops, world, after.rental, sighting)
    return _Decision(SightingResult.ENDED, after.rental, freed=freed, doubt=doubt)
