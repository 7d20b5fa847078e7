"""Getting a bank out: asked once, never blindly again; confirmed, given up or reopened by evidence only."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain import ledger
from chalicelib.domain.account import Account
from chalicelib.domain.ledger import Posting, PostingKind
from chalicelib.domain.payment_plan import Plan, split
from chalicelib.domain.powerbank import Custody
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import Rental, RentalState, clamp
from chalicelib.services.rentals import aggregate
from chalicelib.services.rentals.aggregate import Scene
from chalicelib.services.sweeps import each_alone
from chalicelib.tables import rentals
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import Away, Refused, Unclear, World

LOOK_PAUSE_SECONDS = 0.2
SWEEP_LIMIT = 50
CLOCK_GRAIN = timedelta(seconds=1)
"""The maker's platform tells times in whole seconds, rounded down."""


def ask(world: World, rental: Rental) -> Rental:
    """Publish the eject once, then wait a little for what comes of it. Returns the rental as last seen.

    Raises Problem: cabinet_unavailable when it was surely not sent, eject_failed when the cabinet said no.
    """
    if world.now() <= rental.eject_by:
        try:
            world.cabinets.eject(rental.station.imei, rental.powerbank_sn, at=world.now())
        except (Refused, Away) as error:
            give_up(world, rental, "not_sent", bank_stayed=True)
            raise Problem("cabinet_unavailable", retry_after_seconds=10) from error
        except Unclear:
            log.fact("eject_unclear", rental_id=rental.rental_id)
    waited = _wait(world, rental)
    if waited.state is RentalState.FAILED:
        raise Problem("eject_failed", rental_id=rental.rental_id, reason=waited.failure)
    return waited


def _wait(world: World, rental: Rental) -> Rental:
    key = rentals.rental_key(rental.user_id, rental.rental_id)
    until = world.now() + timedelta(seconds=world.settings().eject_wait_seconds)
    seen = rental
    while seen.state is RentalState.STARTING and world.now() < until:
        world.pause(LOOK_PAUSE_SECONDS)
        seen = fetch(key)[key] or seen
    return seen


def confirm(
    world: World, user_id: str, rental_id: str, powerbank_sn: str, at: datetime, cabinet_sn: str | None = None
) -> bool:
    """The bank came out at `at`. False when that was known. Evidence after a release reopens the rental.

    `cabinet_sn` is the cabinet that said so, whose slot is empty now; None when its slots are taken in elsewhere.
    """

    def decide(ops: Ops) -> Rental | None:
        before = aggregate.scene(user_id, rental_id, powerbank_sn, cabinet_sn)
        if before is None or before.rental.state not in (RentalState.STARTING, RentalState.FAILED):
            return None
        if at + CLOCK_GRAIN <= before.rental.asked_at:
            return None
        taken = take(world, before, at)
        if taken is None:
            return None
        out, posted = taken
        cabinet = before.cabinet.without(powerbank_sn, at) if before.cabinet else None
        aggregate.write(ops, replace(out, cabinet=cabinet), posted)
        return out.rental

    rental = atomic(world, decide)
    if rental is not None:
        aggregate.free_station(world, rental)
        log.fact("rental_active", rental_id=rental_id, powerbank_sn=powerbank_sn)
    return rental is not None


def take(world: World, before: Scene, at: datetime) -> tuple[Scene, list[Posting]] | None:
    """The scene after the bank came out: settled if it was starting, charged anew if it had been released.

    None when a released rental can't be reopened because its user has another open by now: a person must look.
    """
    rental, now = before.rental, world.now()
    out_at = clamp(at, not_before=rental.asked_at, not_after=now)
    bank = before.bank
    if bank.custody in (Custody.SLOT, Custody.UNKNOWN):
        bank = bank.ejected(rental.rental_id, rental.user_id, out_at)
    if rental.state is RentalState.STARTING:
        account, posted = _settle(before.account, rental, now)
        return Scene(rental.ejected(out_at), account.rented(rental.rental_id, out_at), bank), posted
    if before.account.open_rental_id is not None:
        log.alarm("rental_not_reopened", rental_id=rental.rental_id, powerbank_sn=bank.powerbank_sn)
        return None
    upfront = rental.package.upfront_paisa
    plan = split(upfront, points=before.account.points, wallet_paisa=before.account.wallet_paisa)
    reopened = rental.reopened(out_at, plan)
    account, posted = _charge_again(before.account, reopened, plan, now)
    log.fact("rental_reopened", rental_id=rental.rental_id)
    return Scene(reopened, account.rented(rental.rental_id, out_at), bank), posted


def give_up(world: World, rental: Rental, reason: str, *, bank_stayed: bool) -> bool:
    """Release the hold: the bank stayed in its slot, or nothing tells where it is. False when settled already."""

    def decide(ops: Ops) -> bool:
        known = aggregate.scene(rental.user_id, rental.rental_id, rental.powerbank_sn)
        if known is None or known.rental.state is not RentalState.STARTING:
            return False
        now, held = world.now(), known.rental
        moved = ledger.legs(
            paisa=[("held", -held.held_paisa), ("wallet", held.held_paisa)],
            points=[("held_points", -held.held_points), ("points", held.held_points)],
        )
        account, posted = ledger.book(known.account, PostingKind.RELEASE, held.rental_id, now, moved)
        bank = known.bank
        if bank.rental_id == held.rental_id:
            bank = bank.stayed(now) if bank_stayed else bank.lost_sight(now)
        after = Scene(held.stayed(reason), replace(account, open_rental_id=None), bank)
        aggregate.write(ops, after, posted)
        return True

    released = atomic(world, decide)
    if released:
        aggregate.free_station(world, rental)
        log.fact("rental_released", rental_id=rental.rental_id, reason=reason)
    return released


def refused(world: World, user_id: str, rental_id: str, powerbank_sn: str, at: datetime, state: int) -> None:
    """The cabinet surely did not hand it out. An answer from before this rental was asked for is another's."""
    known = aggregate.scene(user_id, rental_id, powerbank_sn)
    if known is None or at + CLOCK_GRAIN <= known.rental.asked_at:
        return
    give_up(world, known.rental, f"eject_refused_{state:02x}", bank_stayed=True)


def sweep(world: World) -> int:
    """Rentals nobody has heard of: ask the cabinet where the bank is, release after the wait. Returns how many."""
    due = rentals.waiting(world.now(), SWEEP_LIMIT)
    return each_alone(due, lambda rental: _look_after(world, rental), lambda rental: rental.rental_id)


def _look_after(world: World, rental: Rental) -> None:
    if world.now() - rental.asked_at >= timedelta(minutes=world.settings().eject_unresolved_minutes):
        log.alarm("eject_unresolved", rental_id=rental.rental_id, powerbank_sn=rental.powerbank_sn)
        give_up(world, rental, "unresolved", bank_stayed=False)
        return
    try:
        world.cabinets.check(rental.station.imei)
    except (Away, Refused, Unclear):
        log.fact("cabinet_silent", sn=rental.station.sn)
    _look_later(world, rental)


def _look_later(world: World, rental: Rental) -> None:
    key = rentals.rental_key(rental.user_id, rental.rental_id)

    def decide(ops: Ops) -> None:
        known = fetch(key)[key]
        if known is not None and known.state is RentalState.STARTING:
            rentals.save(ops, replace(known, sweep_at=world.now() + timedelta(seconds=30)))

    atomic(world, decide)


def _settle(account: Account, rental: Rental, now: datetime) -> tuple[Account, list[Posting]]:
    moved = ledger.legs(
        paisa=[("held", -rental.held_paisa), (ledger.REVENUE_RENTAL, rental.held_paisa)],
        points=[("held_points", -rental.held_points), (ledger.LIABILITY_POINTS, rental.held_points)],
    )
    return ledger.book(account, PostingKind.SETTLE, rental.rental_id, now, moved)


def _charge_again(account: Account, rental: Rental, plan: Plan, now: datetime) -> tuple[Account, list[Posting]]:
    if rental.due_paisa:
        return aggregate.owe(account, rental, rental.due_paisa, now)
    moved = ledger.legs(
        paisa=[("wallet", -plan.wallet_paisa), (ledger.REVENUE_RENTAL, plan.wallet_paisa)],
        points=[("points", -plan.points_used), (ledger.LIABILITY_POINTS, plan.points_used)],
    )
    return ledger.book(account, PostingKind.CHARGE, rental.rental_id, now, moved)
