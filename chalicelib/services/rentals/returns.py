"""A bank comes back: whoever tells of it first ends the rental, the rest tell the same fact."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chalicelib import log
from chalicelib.domain import ledger
from chalicelib.domain.account import Account
from chalicelib.domain.cabinet import Binding, Cabinet, Slot
from chalicelib.domain.ledger import Posting, PostingKind
from chalicelib.domain.payment_plan import Plan, split
from chalicelib.domain.powerbank import Custody, Powerbank
from chalicelib.domain.pricing import Charge
from chalicelib.domain.rental import Place, Rental, RentalState, clamp
from chalicelib.services.rentals import aggregate, ejects
from chalicelib.services.rentals.aggregate import Scene
from chalicelib.services.rentals.ejects import CLOCK_GRAIN
from chalicelib.tables import powerbanks
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch
from chalicelib.world import World


@dataclass(frozen=True)
class Sighting:
    """A bank seen in a slot at `at`, by a `return` frame, a `slot_change` or a `snapshot`."""

    powerbank_sn: str
    binding: Binding
    slot: Slot
    at: datetime
    source: Literal["return", "slot_change", "snapshot"]

    @property
    def place(self) -> Place:
        return Place(self.binding.sn, self.binding.name, self.binding.imei, self.slot.slot_number)

    def since(self, cabinet: Cabinet | None) -> datetime:
        """The earliest the bank can have come: the doubt is the customer's. Only a return frame tells the moment; a
        changed slot came after the cabinet was last heard, a snapshot's news after the snapshot before."""
        if cabinet is None or self.source == "return":
            return self.at
        known = cabinet.last_seen_at if self.source == "slot_change" else cabinet.snapshot_at
        return min(known or self.at, self.at)


def hear(world: World, seen: Sighting, bank: Powerbank | None) -> str:
    """Take in a bank that was put into a slot; `bank` as just read. Returns what became of it.

    Nothing is dropped: a bank from nobody is quarantined.
    """
    bank_key = powerbanks.powerbank_key(seen.powerbank_sn)

    def decide(ops: Ops) -> tuple[str, Rental | None, bool]:
        known = bank if ops.attempt == 0 else fetch(bank_key)[bank_key]
        if known is None:
            fresh = Powerbank(seen.powerbank_sn, Custody.QUARANTINE, seen.at)
            powerbanks.save_powerbank(ops, fresh.quarantined(seen.binding.sn, seen.slot.slot_number, seen.at))
            return "quarantined", None, False
        rental_id, user_id = known.rental_id, known.user_id
        if known.custody is Custody.UNKNOWN and rental_id is None:
            rental_id, user_id = known.last_rental_id, known.last_user_id
        if rental_id is not None and user_id is not None:
            before = aggregate.scene(user_id, rental_id, seen.powerbank_sn, seen.binding.sn)
            if before is not None:
                outcome, rental = _end(ops, world, before, seen)
                return outcome, rental, before.rental.state is not RentalState.ACTIVE
        return _from_nobody(ops, known, seen), None, False

    outcome, rental, was_waiting = atomic(world, decide)
    ids = {"powerbank_sn": seen.powerbank_sn, "sn": seen.binding.sn, "source": seen.source}
    if outcome == "quarantined":
        log.alarm("powerbank_quarantined", **ids)
    elif rental is not None:
        log.fact("rental_ended", rental_id=rental.rental_id, status=rental.state.value, **ids)
        if was_waiting:
            aggregate.free_station(world, rental)
    return outcome


def _end(ops: Ops, world: World, before: Scene, seen: Sighting) -> tuple[str, Rental | None]:
    """End the rental this bank is out on; one still waiting for its eject, or given up, was out all the same."""
    rental = before.rental
    if seen.at + CLOCK_GRAIN <= rental.asked_at:
        return "stale", None
    if rental.state is RentalState.FAILED and _never_left(before, seen):
        powerbanks.save_powerbank(ops, _in_slot(before.bank, seen))
        return "in_slot", None
    cabinet = before.cabinet
    posted: list[Posting] = []
    if rental.state in (RentalState.STARTING, RentalState.FAILED):
        taken = ejects.take(world, before, min(rental.asked_at + CLOCK_GRAIN, seen.at))
        if taken is None:
            powerbanks.save_powerbank(ops, _in_slot(before.bank, seen))
            return "in_slot", None
        before, posted = taken
        rental = before.rental
    if rental.state is not RentalState.ACTIVE:
        return "handled", None
    started = rental.started_at or rental.asked_at
    ended_at = clamp(seen.since(cabinet), not_before=started, not_after=world.now())
    charge = rental.comes_to(ended_at)
    plan = _plan(before.account, rental, charge)
    ended = rental.returned(ended_at, seen.place, charge.late_fee_paisa, plan)
    account, more = _collect(before.account, ended, plan, world.now())
    after = Scene(ended, account.brought_back(on_time=ended.on_time), _in_slot(before.bank, seen))
    if cabinet is not None and seen.source != "snapshot":
        after = replace(after, cabinet=cabinet.with_slot(seen.slot, seen.at))
    aggregate.write(ops, after, posted + more)
    return "ended", ended


def _plan(account: Account, rental: Rental, charge: Charge) -> Plan:
    """How what the return adds is paid: a late fee from what there is; for postpaid nothing is taken unasked."""
    added = charge.total_paisa - rental.package.upfront_paisa
    if rental.package.postpaid:
        return split(added, points=0, wallet_paisa=0)
    return split(added, points=account.points, wallet_paisa=account.wallet_paisa)


def _collect(account: Account, rental: Rental, plan: Plan, now: datetime) -> tuple[Account, list[Posting]]:
    """The whole of it at once, or the whole of it due."""
    if not plan.sufficient:
        return aggregate.owe(account, rental, plan.total_paisa, now)
    moved = ledger.legs(
        paisa=[("wallet", -plan.wallet_paisa), (ledger.REVENUE_LATE_FEE, plan.wallet_paisa)],
        points=[("points", -plan.points_used), (ledger.LIABILITY_POINTS, plan.points_used)],
    )
    return ledger.book(account, PostingKind.LATE_FEE, rental.rental_id, now, moved)


def _never_left(before: Scene, seen: Sighting) -> bool:
    """Seen in the very slot it was to come out of, after its rental was given up: it most likely stayed."""
    station = before.rental.station
    return (
        seen.source == "snapshot" and station.sn == seen.binding.sn and station.slot_number == seen.slot.slot_number
    )


def _in_slot(bank: Powerbank, seen: Sighting) -> Powerbank:
    return bank.seen_in(seen.binding.sn, seen.slot.slot_number, seen.slot.battery_percent, seen.at)


def _from_nobody(ops: Ops, bank: Powerbank, seen: Sighting) -> str:
    """Nobody had it out: the same fact again, old news, or a bank that a person must look at."""
    same_place = bank.station_sn == seen.binding.sn and bank.slot_number == seen.slot.slot_number
    if bank.custody in (Custody.SLOT, Custody.QUARANTINE) and same_place:
        return "handled"
    if seen.at <= bank.moved_at:
        return "stale"
    powerbanks.save_powerbank(ops, bank.quarantined(seen.binding.sn, seen.slot.slot_number, seen.at))
    return "quarantined"
