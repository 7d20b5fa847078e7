"""Ends the rental of a power bank that a cabinet reports in one of its slots.

A return frame, a slot change and a snapshot may report the same return. The first report to arrive ends the rental.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.cabinets.cabinet_outage import CLOCK_GRAIN
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.slot_reports import hint_at_return
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.return_time_doubt import ReturnDoubt
from chalicelib.domain.rentals.sighting import Sighting, SightingResult, SightingSource
from chalicelib.services import stranded_money
from chalicelib.services.best_effort import best_effort
from chalicelib.services.rentals import (
    aggregate,
    eject_confirmations,
    ejects,
    failed_ejects,
    never_out,
    return_doubts,
    second_ejects,
    snapshot_requests,
    spaced_ejects,
    swapping,
    wrong_slot_returns,
)
from chalicelib.tables import cabinets, powerbanks, rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World

MOVED = frozenset({SightingResult.ENDED, SightingResult.IN_SLOT, SightingResult.QUARANTINED})
"""What a sighting may mean of a power bank that has come into the slot."""


@dataclass(frozen=True)
class _Decision:
    """What the transaction staged. `rental` ended or failed. `freed`: it was starting, so its station can eject
    again."""

    result: SightingResult
    rental: Rental | None = None
    freed: bool = False
    doubt: ReturnDoubt | None = None
    stranded_paisa: int = 0
    """What the return gave back to the wallet of a deleted account."""
    check: bool = False
    """Whether to ask the cabinet for a snapshot: the report is the first that hints at a return, or another power
    bank counts as being in the slot."""
    cabinet_gone: bool = False
    """The station of the report was deleted meanwhile: the power bank is in a cabinet that no station has."""
    left_station_sn: str | None = None
    """The station of the slot that the power bank left without a report. Its snapshot may show why."""


def handle_sighting(world: World, sighting: Sighting, powerbank: Powerbank | None) -> SightingResult:
    """Store that a power bank is in a slot, and end the rental of which this proves the return.

    `powerbank` is the row as just read, None where there is none.

    A power bank that belongs to no rental goes into quarantine.
    """

    def decide(ops: Transaction) -> _Decision:
        current = powerbank if ops.attempt == 0 else fetch_one(powerbanks.powerbank_key(sighting.powerbank_sn))
        before = _load(world, current, sighting)
        if current is not None and before is not None and before.powerbank.version != current.version:
            # A report of another slot in the same snapshot changed the power bank.
            current = before.powerbank
            before = _load(world, current, sighting)
        if before is not None and sighting.is_about(before.rental, before.powerbank):
            decision = _apply(ops, world, before, sighting)
            return replace(_with_check(decision, sighting, before.cabinet), cabinet_gone=before.cabinet is None)
        if current is not None and sighting.proves_return(current):
            _prove(ops, current)
            return _Decision(SightingResult.HANDLED)
        wrong_slot = wrong_slot_returns.stage_return(ops, world, current, sighting) if current is not None else None
        if wrong_slot is not None:
            return _with_check(_decision_of(ops, world, wrong_slot, sighting), sighting)
        if current is not None and sighting.came_unasked(current):
            powerbanks.save_powerbank(ops, current.reappeared(sighting.at))
            return _Decision(SightingResult.HANDLED, check=True)
        result = sighting.without_rental(current) if current is not None else SightingResult.QUARANTINED
        if result is SightingResult.QUARANTINED:
            powerbanks.save_powerbank(ops, sighting.quarantined(current))
        elif result is SightingResult.IN_SLOT and current is not None:
            powerbanks.save_powerbank(ops, sighting.placed(current))
        left = current.station_sn if result is SightingResult.QUARANTINED and current is not None else None
        return _with_check(_Decision(result, left_station_sn=left), sighting)

    decision = atomic(world, decide)
    _publish(world, sighting, decision)
    return decision.result


def _with_check(decision: _Decision, sighting: Sighting, cabinet: Cabinet | None = None) -> _Decision:
    """The decision. The cabinet is asked for a snapshot if another power bank counts as being in the slot: it left.

    A snapshot needs no other one. `cabinet` is read here if it is not given.
    """
    if decision.result not in MOVED or sighting.source is SightingSource.SNAPSHOT:
        return decision
    cabinet = cabinet or fetch_one(cabinets.cabinet_key(sighting.binding.sn))
    replaces = cabinet is not None and cabinet.holds_another(sighting.powerbank_sn, sighting.slot.slot_number)
    return replace(decision, check=decision.check or replaces)


def _prove(ops: Transaction, powerbank: Powerbank) -> None:
    """Stage that the doubtful return of the power bank is certain."""
    if powerbank.doubted_owner is not None:
        rentals.prove_return(ops, *powerbank.doubted_owner)
    powerbanks.save_powerbank(ops, powerbank.with_certain_return())


def report_quarantined(sighting: Sighting) -> None:
    """Raise the alarm for a power bank that no rental explains, after the commit that put it into quarantine."""
    log.alarm(Alarm.POWERBANK_QUARANTINED, **_ids(sighting))


def _ids(sighting: Sighting) -> dict[str, str]:
    return {"powerbank_sn": sighting.powerbank_sn, "sn": sighting.binding.sn, "source": sighting.source.value}


def _publish(world: World, sighting: Sighting, decision: _Decision) -> None:
    """Log what the sighting did, and do what follows a commit."""
    if decision.result is SightingResult.QUARANTINED:
        report_quarantined(sighting)
        if decision.left_station_sn is not None:
            snapshot_requests.request_at(world, decision.left_station_sn)
    elif decision.rental is not None:
        rental = decision.rental
        fact = "rental_swapped" if rental.swapping else "rental_ended"
        log.fact(fact, rental_id=rental.rental_id, status=rental.state.value, **_ids(sighting))
        if decision.freed:
            aggregate.free_station(world, rental)
        if rental.swapping:
            spaced_ejects.send_in_time(world, rental, ejects.send)
        if rental.state is RentalState.FAILED:
            failed_ejects.count(world, rental)
        if decision.stranded_paisa:
            stranded_money.report(rental.user_id, decision.stranded_paisa, rental_id=rental.rental_id)
        if decision.doubt is not None:
            doubt = decision.doubt
            best_effort(lambda: return_doubts.count(world, doubt), "return_doubt", rental_id=rental.rental_id)
    if decision.cabinet_gone:
        log.alarm(Alarm.CABINET_UNKNOWN, imei=sighting.binding.imei)
    if decision.check:
        snapshot_requests.request(world, sighting.binding)


def _load(world: World, powerbank: Powerbank | None, sighting: Sighting) -> RentalAggregate | None:
    """The rental that a report of this power bank is about, if any."""
    doubtful_for = timedelta(minutes=world.settings().eject_unresolved_minutes)
    owner = powerbank.rental_on_return(sighting.at, doubtful_for) if powerbank is not None else None
    return second_ejects.load(owner, sighting.powerbank_sn, sighting.binding.sn) if owner else None


def _decision_of(
    ops: Transaction, world: World, wrong_slot: wrong_slot_returns.Return, sighting: Sighting
) -> _Decision:
    """The return of a power bank that came out of the wrong slot."""
    if wrong_slot.after is None:
        return _Decision(wrong_slot.result)
    return _ended(ops, world, wrong_slot.after, sighting, freed=wrong_slot.freed)


def _apply(ops: Transaction, world: World, before: RentalAggregate, sighting: Sighting) -> _Decision:
    """End the rental. A starting or failed rental becomes active first, since the power bank must have come out."""
    rental = before.rental
    if sighting.precedes(rental):
        return _Decision(SightingResult.STALE)
    if sighting.in_slot_of(rental):
        return _report(ops, world, before, sighting)
    if sighting.repeats_listing(before.cabinet, rental):
        return _Decision(SightingResult.DOUBTED)
    too_early = sighting.at < rental.requested_at + eject_confirmations.grace(world)
    if rental.state is RentalState.STARTING and too_early and sighting.source is not SightingSource.RETURN:
        failed = never_out.stage_elsewhere(ops, world, before, sighting)
        return _Decision(SightingResult.IN_SLOT, failed, freed=True)
    out = before
    if rental.state is RentalState.STARTING or rental.released:
        out = eject_confirmations.mark_ejected(world, before, min(rental.requested_at + CLOCK_GRAIN, sighting.at))
    if not out.rental.out:
        return _Decision(SightingResult.HANDLED)
    after = out.returned(sighting, world.now(), certain=sighting.source is SightingSource.RETURN)
    return _end(ops, world, before, after, sighting)


def _report(ops: Transaction, world: World, before: RentalAggregate, sighting: Sighting) -> _Decision:
    """Store a report of the slot that the power bank was to leave, and apply what all its reports prove together.

    While nothing proves that the power bank came out, the report is evidence that it stayed.
    """
    rental, now, grace = before.rental, world.now(), eject_confirmations.grace(world)
    report = sighting.report(before.cabinet, rental)
    noted = before.with_report(report)
    if rental.state is RentalState.STARTING and sighting.at >= rental.eject_by + grace:
        return _Decision(SightingResult.IN_SLOT, never_out.stage_stayed(ops, world, noted), freed=True)
    if rental.state is RentalState.STARTING or rental.released:
        if noted.powerbank.custody is Custody.UNKNOWN:
            powerbanks.save_powerbank(ops, sighting.placed(noted.powerbank))
        if noted.rental != rental and rental.version:
            rentals.save(ops, noted.rental)
        return _Decision(SightingResult.IN_SLOT)
    if not rental.out or noted.rental == rental:
        return _Decision(SightingResult.HANDLED)
    after = wrong_slot_returns.without_other_in_slot(noted, sighting, grace).came_back(grace, now)
    if after.rental.out:
        if wrong_slot_returns.stage_exchange(ops, after, sighting, grace):
            return _Decision(SightingResult.IN_SLOT)
        rentals.save(ops, after.rental)
        earlier, hint = (hint_at_return(each.reports, each.started_at, grace) for each in (rental, after.rental))
        return _Decision(SightingResult.HINTED if hint and not earlier else SightingResult.DOUBTED, check=hint)
    if noted.was_never_seen_out:
        return _Decision(SightingResult.IN_SLOT, never_out.stage_undone(ops, world, noted, sighting))
    return _end(ops, world, before, after, sighting)


def _end(
    ops: Transaction, world: World, before: RentalAggregate, after: RentalAggregate, sighting: Sighting
) -> _Decision:
    """Stage the end of the rental, or its swap."""
    other = swapping.stage(ops, world, before, after, sighting)
    if other is not None:
        return _Decision(SightingResult.ENDED, other)
    aggregate.save(ops, world, before.rental, after)
    return _ended(ops, world, after, sighting, freed=not before.rental.out)


def _ended(ops: Transaction, world: World, after: RentalAggregate, sighting: Sighting, *, freed: bool) -> _Decision:
    """The decision about a rental whose end is staged."""
    doubt = return_doubts.stage(ops, world, after.rental, sighting)
    paisa = after.stranded_paisa
    return _Decision(SightingResult.ENDED, after.rental, freed=freed, doubt=doubt, stranded_paisa=paisa)
