"""Ejects a power bank: sends the command once, waits for the result, and handles its failure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.cabinets.cabinet_outage import CLOCK_GRAIN
from chalicelib.domain.cabinets.event_log import CommandOutcome
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.eject_fate import EjectFate
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import NOT_FOUND, NOT_SENT, RentalState
from chalicelib.services import event_log
from chalicelib.services.best_effort import best_effort
from chalicelib.services.rentals import (
    aggregate,
    eject_confirmations,
    eject_entries,
    failed_ejects,
    never_out,
    second_ejects,
    snapshot_requests,
    spaced_ejects,
)
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.tables import rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable, World

POLL_PAUSE_SECONDS = 0.2
RETRY_AFTER_SECONDS = 10
SWEEP_LIMIT = 50


def eject_and_wait(world: World, rental: Rental) -> Rental:
    """Send the eject command once, wait up to `eject_wait_seconds` for its result, and return the rental.

    Raises Problem: cabinet_unavailable when the command surely was not sent, eject_failed when the cabinet refused.
    """
    if not send(world, rental):
        raise Problem("cabinet_unavailable", retry_after_seconds=RETRY_AFTER_SECONDS)
    return must_not_have_failed(_wait(world, rental))


def send(world: World, rental: Rental) -> bool:
    """Send the eject command once. False when it surely was not sent: the rental is given up.

    After `eject_by` no command is sent any more, and the sweep decides.
    """
    if world.now() > rental.eject_by:
        return True
    try:
        world.cabinets.eject(rental.station.imei, rental.powerbank_sn, at=rental.requested_at)
    except (Rejected, Unavailable):
        fail(world, rental, NOT_SENT, EjectFate.NOT_ASKED)
        return False
    except OutcomeUnknown:
        log.fact("eject_outcome_unknown", rental_id=rental.rental_id)
        event_log.record(eject_entries.entry(rental, CommandOutcome.UNANSWERED))
    return True


def must_not_have_failed(rental: Rental) -> Rental:
    """The rental. Raises Problem when its eject failed: cabinet_unavailable or eject_failed, at every retry."""
    if rental.state is not RentalState.FAILED:
        return rental
    if rental.failure == NOT_SENT:
        raise Problem("cabinet_unavailable", retry_after_seconds=RETRY_AFTER_SECONDS)
    raise Problem(
        "eject_failed", retry_after_seconds=RETRY_AFTER_SECONDS, rental_id=rental.rental_id, reason=rental.failure
    )


def _wait(world: World, rental: Rental) -> Rental:
    key = rentals.rental_key(rental.user_id, rental.rental_id)
    until = world.now() + timedelta(seconds=world.settings().eject_wait_seconds)
    latest = rental
    while latest.state is RentalState.STARTING and world.now() < until:
        world.pause(POLL_PAUSE_SECONDS)
        latest = fetch_one(key) or latest
    return latest


@dataclass(frozen=True)
class Failure:
    """What a failed eject changed: nothing if `applied` is False. `second` is the rental whose next power bank is to
    be ejected; without it the rental was given up."""

    applied: bool = False
    second: Rental | None = None


def fail(world: World, rental: Rental, reason: str, fate: EjectFate) -> Failure:
    """Order the eject of another power bank of the station for a starting rental, or release its hold."""

    def decide(ops: Transaction) -> Failure:
        before = aggregate.load(rental.user_id, rental.rental_id, rental.powerbank_sn)
        if before is None or before.rental.state is not RentalState.STARTING:
            return Failure()
        if before.rental.powerbank_sn != rental.powerbank_sn:
            return Failure()
        if fate is EjectFate.NOT_ASKED:
            event_log.stage_command(ops, eject_entries.entry(rental, CommandOutcome.NOT_SENT))
        second = second_ejects.stage(ops, world, before, reason, fate)
        if second is None:
            aggregate.save(ops, world, before.rental, before.eject_failed(reason, world.now(), fate))
        return Failure(True, second)

    failure = atomic(world, decide)
    if not failure.applied:
        return failure
    if failure.second is None:
        aggregate.free_station(world, rental)
        log.fact("rental_released", rental_id=rental.rental_id, reason=reason)
    else:
        log.fact("eject_tried_again", rental_id=rental.rental_id, reason=reason)
    if fate is EjectFate.STAYED:
        failed_ejects.count(world, rental)
    return failure


def eject_refused(world: World, powerbank: Powerbank, sn: str, at: datetime, state: int) -> None:
    """Try another power bank, or give the rental up, since station `sn` answers that the power bank did not come out.

    A report older than the rental is about an earlier eject and changes nothing.
    """
    owner = powerbank.owner or powerbank.last_owner
    before = second_ejects.load(owner, powerbank.powerbank_sn) if owner is not None else None
    if before is None or at + CLOCK_GRAIN <= before.rental.requested_at:
        return
    if before.rental.station.sn != sn:
        eject_confirmations.report_foreign(before.rental, sn)
        return
    reason = f"eject_refused_{state:02x}"
    fate = EjectFate.NOT_FOUND if reason == NOT_FOUND else EjectFate.STAYED
    failure = fail(world, before.rental, reason, fate)
    if fate is EjectFate.NOT_FOUND and (failure.applied or _undo(world, before.rental)):
        log.alarm(Alarm.POWERBANK_VANISHED, sn=sn, powerbank_sn=powerbank.powerbank_sn)
        snapshot_requests.request(world, before.rental.station, before.rental.rental_id)
    if fate is EjectFate.NOT_FOUND:
        eject_confirmations.confirm_absence_before(world, before.rental)
    if failure.second is not None:
        spaced_ejects.send_in_time(world, failure.second, send)


def _undo(world: World, rental: Rental) -> bool:
    """End an active or lost rental whose power bank the cabinet did not find. False after an answer that it came out.

    A snapshot without the power bank had started the rental, but the power bank had left its slot before the request.
    """

    def decide(ops: Transaction) -> bool:
        before = aggregate.load(rental.user_id, rental.rental_id, rental.powerbank_sn)
        if before is None or not before.is_unanswered:
            return False
        never_out.stage_not_found(ops, world, before)
        return True

    undone = atomic(world, decide)
    if undone:
        log.fact("rental_charge_undone", rental_id=rental.rental_id, powerbank_sn=rental.powerbank_sn)
    return undone


def sweep(world: World) -> int:
    """Check starting rentals that are due: ask the cabinet for a snapshot, or give the rental up after
    `eject_unresolved_minutes`. Returns their number."""
    due = rentals.waiting(world.now(), SWEEP_LIMIT)
    with event_log.collect() as collection:
        count = for_each_isolated(due, lambda rental: _sweep_rental(world, rental), lambda rental: rental.rental_id)
    best_effort(collection.write, "event_log")
    return count


def _sweep_rental(world: World, rental: Rental) -> None:
    if rental.state is RentalState.CANCELLED:
        snapshot_requests.request(world, rental.station, rental.rental_id)
        _postpone(world, rental)
        return
    if world.now() - rental.requested_at >= timedelta(minutes=world.settings().eject_unresolved_minutes):
        log.alarm(Alarm.EJECT_UNRESOLVED, rental_id=rental.rental_id, powerbank_sn=rental.powerbank_sn)
        fail(world, rental, "unresolved", EjectFate.UNKNOWN)
        return
    snapshot_requests.request(world, rental.station, rental.rental_id)
    _postpone(world, rental)


def _postpone(world: World, rental: Rental) -> None:
    key = rentals.rental_key(rental.user_id, rental.rental_id)

    def decide(ops: Transaction) -> None:
        rental = fetch_one(key)
        if rental is not None and rental.state is RentalState.STARTING:
            rentals.save(ops, replace(rental, sweep_at=world.now() + timedelta(seconds=30)))
        elif rental is not None and rental.state is RentalState.CANCELLED:
            rentals.save(ops, replace(rental, sweep_at=None))

    atomic(world, decide)
