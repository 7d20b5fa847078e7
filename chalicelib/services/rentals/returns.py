"""A bank comes back: whoever tells of it first ends the rental, the rest tell the same fact."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chalicelib import log
from chalicelib.domain import entries, ledger
from chalicelib.domain.account import Account
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.cabinet import Binding, Cabinet, Slot
from chalicelib.domain.ledger import Posting
from chalicelib.domain.payment_plan import Plan, split
from chalicelib.domain.powerbank import Custody, Powerbank
from chalicelib.domain.pricing import Charge
from chalicelib.domain.rental import Rental, RentalState, RentalStation, clamp
from chalicelib.services.rentals import aggregate, ejects
from chalicelib.services.rentals.aggregate import RentalAggregate
from chalicelib.services.rentals.ejects import CLOCK_GRAIN
from chalicelib.tables import powerbanks
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
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
    def place(self) -> RentalStation:
        return RentalStation(self.binding.sn, self.binding.name, self.binding.imei, self.slot.slot_number)

    def since(self, cabinet: Cabinet | None) -> datetime:
        """The earliest the bank can have come: the doubt is the customer's. Only a return frame tells the moment; a
        changed slot came after the cabinet was last heard, a snapshot's news after the snapshot before."""
        if cabinet is None or self.source == "return":
            return self.at
        known_since = cabinet.last_seen_at if self.source == "slot_change" else cabinet.snapshot_at
        return min(known_since or self.at, self.at)


def handle_sighting(world: World, sighting: Sighting, powerbank: Powerbank | None) -> str:
    """Take in a bank that was put into a slot; `powerbank` as just read. Returns what became of it.

    Nothing is dropped: a bank from nobody is quarantined.
    """
    bank_key = powerbanks.powerbank_key(sighting.powerbank_sn)

    def decide(ops: Transaction) -> tuple[str, Rental | None, bool]:
        current = powerbank if ops.attempt == 0 else fetch_one(bank_key)
        if current is None:
            new_bank = Powerbank(sighting.powerbank_sn, Custody.QUARANTINE, sighting.at)
            powerbanks.save_powerbank(
                ops, new_bank.quarantined(sighting.binding.sn, sighting.slot.slot_number, sighting.at)
            )
            return "quarantined", None, False
        rental_id, user_id = current.rental_id, current.user_id
        if current.custody is Custody.UNKNOWN and rental_id is None:
            rental_id, user_id = current.last_rental_id, current.last_user_id
        if rental_id is not None and user_id is not None:
            before = aggregate.load(user_id, rental_id, sighting.powerbank_sn, sighting.binding.sn)
            if before is not None:
                outcome, rental = _end(ops, world, before, sighting)
                return outcome, rental, before.rental.state is not RentalState.ACTIVE
        return _unrented_return(ops, current, sighting), None, False

    outcome, rental, was_waiting = atomic(world, decide)
    ids = {"powerbank_sn": sighting.powerbank_sn, "sn": sighting.binding.sn, "source": sighting.source}
    if outcome == "quarantined":
        log.alarm(Alarm.POWERBANK_QUARANTINED, **ids)
    elif rental is not None:
        log.fact("rental_ended", rental_id=rental.rental_id, status=rental.state.value, **ids)
        if was_waiting:
            aggregate.free_station(world, rental)
    return outcome


def _end(ops: Transaction, world: World, before: RentalAggregate, sighting: Sighting) -> tuple[str, Rental | None]:
    """End the rental this bank is out on; one still waiting for its eject, or given up, was out all the same."""
    rental = before.rental
    if sighting.at + CLOCK_GRAIN <= rental.requested_at:
        return "stale", None
    if rental.state is RentalState.FAILED and _never_left(before, sighting):
        powerbanks.save_powerbank(ops, _in_slot(before.powerbank, sighting))
        return "in_slot", None
    cabinet = before.cabinet
    posted: list[Posting] = []
    if rental.state in (RentalState.STARTING, RentalState.FAILED):
        marked = ejects.mark_ejected(world, before, min(rental.requested_at + CLOCK_GRAIN, sighting.at))
        if marked is None:
            powerbanks.save_powerbank(ops, _in_slot(before.powerbank, sighting))
            return "in_slot", None
        before, posted = marked
        rental = before.rental
    if rental.state is not RentalState.ACTIVE:
        return "handled", None
    started = rental.started_at or rental.requested_at
    ended_at = clamp(sighting.since(cabinet), not_before=started, not_after=world.now())
    charge = rental.charge_at(ended_at)
    plan = _plan(before.account, rental, charge)
    ended = rental.returned(ended_at, sighting.place, charge.late_fee_paisa, plan)
    account, collected = _collect(before.account, ended, plan, world.now())
    after = RentalAggregate(ended, account.returned(on_time=ended.on_time), _in_slot(before.powerbank, sighting))
    if cabinet is not None and sighting.source != "snapshot":
        after = replace(after, cabinet=cabinet.with_slot(sighting.slot, sighting.at))
    aggregate.save(ops, after, posted + collected)
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
    entry = entries.late_fee(paisa=plan.wallet_paisa, points=plan.points_used)
    return ledger.post_if_any(account, entry, rental.rental_id, now)


def _never_left(before: RentalAggregate, sighting: Sighting) -> bool:
    """Seen in the very slot it was to come out of, after its rental was given up: it most likely stayed."""
    station = before.rental.station
    return (
        sighting.source == "snapshot"
        and station.sn == sighting.binding.sn
        and station.slot_number == sighting.slot.slot_number
    )


def _in_slot(powerbank: Powerbank, sighting: Sighting) -> Powerbank:
    return powerbank.placed_in(
        sighting.binding.sn, sighting.slot.slot_number, sighting.slot.battery_percent, sighting.at
    )


def _unrented_return(ops: Transaction, powerbank: Powerbank, sighting: Sighting) -> str:
    """Nobody had it out: the same fact again, old news, or a bank that a person must look at."""
    same_place = powerbank.station_sn == sighting.binding.sn and powerbank.slot_number == sighting.slot.slot_number
    if powerbank.custody in (Custody.SLOT, Custody.QUARANTINE) and same_place:
        return "handled"
    if sighting.at <= powerbank.moved_at:
        return "stale"
    powerbanks.save_powerbank(ops, powerbank.quarantined(sighting.binding.sn, sighting.slot.slot_number, sighting.at))
    return "quarantined"
