"""Getting a bank out: asked once, never blindly again; confirmed, given up or reopened by evidence only."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain import entries, ledger
from chalicelib.domain.account import Account
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.ledger import Posting
from chalicelib.domain.payment_plan import Plan, split
from chalicelib.domain.powerbank import Custody
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import Rental, RentalState, clamp
from chalicelib.services.rentals import aggregate
from chalicelib.services.rentals.aggregate import RentalAggregate
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.tables import rentals
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable, World

POLL_PAUSE_SECONDS = 0.2
SWEEP_LIMIT = 50
CLOCK_GRAIN = timedelta(seconds=1)
"""The maker's platform tells times in whole seconds, rounded down."""


def eject_and_wait(world: World, rental: Rental) -> Rental:
    """Publish the eject once, then wait a little for what comes of it. Returns the rental as last seen.

    Raises Problem: cabinet_unavailable when it was surely not sent, eject_failed when the cabinet said no.
    """
    if world.now() <= rental.eject_by:
        try:
            world.cabinets.eject(rental.station.imei, rental.powerbank_sn, at=world.now())
        except (Rejected, Unavailable) as error:
            give_up(world, rental, "not_sent", powerbank_stayed=True)
            raise Problem("cabinet_unavailable", retry_after_seconds=10) from error
        except OutcomeUnknown:
            log.fact("eject_outcome_unknown", rental_id=rental.rental_id)
    latest = _wait(world, rental)
    if latest.state is RentalState.FAILED:
        raise Problem("eject_failed", rental_id=rental.rental_id, reason=latest.failure)
    return latest


def _wait(world: World, rental: Rental) -> Rental:
    key = rentals.rental_key(rental.user_id, rental.rental_id)
    until = world.now() + timedelta(seconds=world.settings().eject_wait_seconds)
    latest = rental
    while latest.state is RentalState.STARTING and world.now() < until:
        world.pause(POLL_PAUSE_SECONDS)
        latest = fetch_one(key) or latest
    return latest


def confirm(
    world: World, user_id: str, rental_id: str, powerbank_sn: str, at: datetime, cabinet_sn: str | None = None
) -> bool:
    """The bank came out at `at`. False when that was known. Evidence after a release reopens the rental.

    `cabinet_sn` is the cabinet that said so, whose slot is empty now; None when its slots are taken in elsewhere.
    """

    def decide(ops: Transaction) -> Rental | None:
        before = aggregate.load(user_id, rental_id, powerbank_sn, cabinet_sn)
        if before is None or before.rental.state not in (RentalState.STARTING, RentalState.FAILED):
            return None
        if at + CLOCK_GRAIN <= before.rental.requested_at:
            return None
        marked = mark_ejected(world, before, at)
        if marked is None:
            return None
        out, posted = marked
        cabinet = before.cabinet.without_powerbank(powerbank_sn, at) if before.cabinet else None
        aggregate.save(ops, replace(out, cabinet=cabinet), posted)
        return out.rental

    rental = atomic(world, decide)
    if rental is not None:
        aggregate.free_station(world, rental)
        log.fact("rental_active", rental_id=rental_id, powerbank_sn=powerbank_sn)
    return rental is not None


def mark_ejected(world: World, before: RentalAggregate, at: datetime) -> tuple[RentalAggregate, list[Posting]] | None:
    """The scene after the bank came out: settled if it was starting, charged anew if it had been released.

    None when a released rental can't be reopened because its user has another open by now: a person must look.
    """
    rental, now = before.rental, world.now()
    out_at = clamp(at, not_before=rental.requested_at, not_after=now)
    powerbank = before.powerbank
    if powerbank.custody in (Custody.SLOT, Custody.UNKNOWN):
        powerbank = powerbank.ejected(rental.rental_id, rental.user_id, out_at)
    if rental.state is RentalState.STARTING:
        account, posted = _settle(before.account, rental, now)
        return RentalAggregate(rental.ejected(out_at), account.rented(rental.rental_id, out_at), powerbank), posted
    if before.account.open_rental_id is not None:
        log.alarm(Alarm.RENTAL_NOT_REOPENED, rental_id=rental.rental_id, powerbank_sn=powerbank.powerbank_sn)
        return None
    upfront = rental.package.upfront_paisa
    plan = split(upfront, points=before.account.points, wallet_paisa=before.account.wallet_paisa)
    reopened = rental.reopened(out_at, plan)
    account, posted = _charge_again(before.account, reopened, plan, now)
    log.fact("rental_reopened", rental_id=rental.rental_id)
    return RentalAggregate(reopened, account.rented(rental.rental_id, out_at), powerbank), posted


def give_up(world: World, rental: Rental, reason: str, *, powerbank_stayed: bool) -> bool:
    """Release the hold: the bank stayed in its slot, or nothing tells where it is. False when settled already."""

    def decide(ops: Transaction) -> bool:
        rental_aggregate = aggregate.load(rental.user_id, rental.rental_id, rental.powerbank_sn)
        if rental_aggregate is None or rental_aggregate.rental.state is not RentalState.STARTING:
            return False
        now, rental_now = world.now(), rental_aggregate.rental
        entry = entries.release(paisa=rental_now.held_paisa, points=rental_now.held_points)
        account, posted = ledger.post_if_any(rental_aggregate.account, entry, rental_now.rental_id, now)
        powerbank = rental_aggregate.powerbank
        if powerbank.rental_id == rental_now.rental_id:
            powerbank = powerbank.eject_failed(now) if powerbank_stayed else powerbank.location_lost(now)
        after = RentalAggregate(rental_now.eject_failed(reason), replace(account, open_rental_id=None), powerbank)
        aggregate.save(ops, after, posted)
        return True

    released = atomic(world, decide)
    if released:
        aggregate.free_station(world, rental)
        log.fact("rental_released", rental_id=rental.rental_id, reason=reason)
    return released


def eject_refused(world: World, user_id: str, rental_id: str, powerbank_sn: str, at: datetime, state: int) -> None:
    """The cabinet surely did not hand it out. An answer from before this rental was asked for is another's."""
    rental_aggregate = aggregate.load(user_id, rental_id, powerbank_sn)
    if rental_aggregate is None or at + CLOCK_GRAIN <= rental_aggregate.rental.requested_at:
        return
    give_up(world, rental_aggregate.rental, f"eject_refused_{state:02x}", powerbank_stayed=True)


def sweep(world: World) -> int:
    """Rentals nobody has heard of: ask the cabinet where the bank is, release after the wait. Returns how many."""
    due = rentals.waiting(world.now(), SWEEP_LIMIT)
    return for_each_isolated(due, lambda rental: _sweep_rental(world, rental), lambda rental: rental.rental_id)


def _sweep_rental(world: World, rental: Rental) -> None:
    if world.now() - rental.requested_at >= timedelta(minutes=world.settings().eject_unresolved_minutes):
        log.alarm(Alarm.EJECT_UNRESOLVED, rental_id=rental.rental_id, powerbank_sn=rental.powerbank_sn)
        give_up(world, rental, "unresolved", powerbank_stayed=False)
        return
    try:
        world.cabinets.check(rental.station.imei)
    except (Unavailable, Rejected, OutcomeUnknown):
        log.fact("cabinet_silent", sn=rental.station.sn)
    _postpone(world, rental)


def _postpone(world: World, rental: Rental) -> None:
    key = rentals.rental_key(rental.user_id, rental.rental_id)

    def decide(ops: Transaction) -> None:
        rental = fetch_one(key)
        if rental is not None and rental.state is RentalState.STARTING:
            rentals.save(ops, replace(rental, sweep_at=world.now() + timedelta(seconds=30)))

    atomic(world, decide)


def _settle(account: Account, rental: Rental, now: datetime) -> tuple[Account, list[Posting]]:
    entry = entries.settle(paisa=rental.held_paisa, points=rental.held_points)
    return ledger.post_if_any(account, entry, rental.rental_id, now)


def _charge_again(account: Account, rental: Rental, plan: Plan, now: datetime) -> tuple[Account, list[Posting]]:
    if rental.due_paisa:
        return aggregate.owe(account, rental, rental.due_paisa, now)
    entry = entries.charge(paisa=plan.wallet_paisa, points=plan.points_used)
    return ledger.post_if_any(account, entry, rental.rental_id, now)
