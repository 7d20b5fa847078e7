"""Compares a cabinet's snapshot with the expected place of each power bank, and acts on the differences."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.cabinet import Binding, Cabinet, Slot
from chalicelib.domain.cabinet_protocol.frames import SlotReading, Snapshot
from chalicelib.domain.powerbank import Custody, Powerbank
from chalicelib.domain.sighting import Sighting, SightingSource
from chalicelib.services.rentals import aggregate, ejects, returns
from chalicelib.tables import cabinets, powerbanks
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_many, fetch_one
from chalicelib.world import World


@dataclass(frozen=True)
class SnapshotDiff:
    """A snapshot, and the cabinet as stored before it."""

    binding: Binding
    slots: tuple[Slot, ...]
    at: datetime
    before: Cabinet

    def holds(self, powerbank_sn: str) -> bool:
        return any(slot.powerbank_sn == powerbank_sn for slot in self.slots)

    def lists_slot(self, slot_number: int | None) -> bool:
        return any(slot.slot_number == slot_number for slot in self.slots)


def handle_snapshot(world: World, binding: Binding, frame: Snapshot, at: datetime) -> None:
    """Handle a snapshot; an older one than the stored is ignored.

    Power banks are handled before the cabinet row is saved, so that a retry after a crash handles the rest.
    """
    before = fetch_one(cabinets.cabinet_key(binding.sn)) or Cabinet(binding.sn, binding.imei)
    if before.snapshot_at is not None and at <= before.snapshot_at:
        log.fact("snapshot_stale", sn=binding.sn)
        return
    slots = tuple(slot_of(reading) for reading in frame.slots)
    diff = SnapshotDiff(binding, slots, at, before)
    banks = _banks(diff)
    for slot in slots:
        if slot.powerbank_sn is not None:
            _handle_present(world, diff, slot, banks.get(slot.powerbank_sn))
    for powerbank in banks.values():
        expected_here = powerbank.custody in (Custody.SLOT, Custody.UNKNOWN) and powerbank.station_sn == binding.sn
        if expected_here and not diff.holds(powerbank.powerbank_sn) and diff.lists_slot(powerbank.slot_number):
            _handle_absent(world, diff, powerbank)
    _save(world, diff)


def slot_of(reading: SlotReading) -> Slot:
    """The stored part of a slot reading."""
    return Slot(reading.slot_number, reading.state, reading.powerbank_sn, reading.battery_percent, reading.celsius)


def _banks(diff: SnapshotDiff) -> dict[str, Powerbank]:
    """Every power bank that the snapshot or the stored cabinet lists, by serial number."""
    powerbank_sns = {slot.powerbank_sn for slot in (*diff.slots, *diff.before.slots.values()) if slot.powerbank_sn}
    return {
        powerbank.powerbank_sn: powerbank
        for powerbank in fetch_many([powerbanks.powerbank_key(sn) for sn in sorted(powerbank_sns)])
    }


def _handle_present(world: World, diff: SnapshotDiff, slot: Slot, powerbank: Powerbank | None) -> None:
    sn, at = diff.binding.sn, diff.at
    sighting = Sighting(slot.powerbank_sn or "", diff.binding, slot, at, SightingSource.SNAPSHOT)
    if powerbank is None:
        _install(world, sighting)
        return
    here = powerbank.station_sn == sn and powerbank.slot_number == slot.slot_number
    if powerbank.custody is Custody.SLOT and here:
        if powerbank.rental_id is not None:
            _still_in_slot(world, diff, powerbank)
        return
    if at <= powerbank.moved_at or (powerbank.custody is Custody.QUARANTINE and here):
        return
    if powerbank.custody in (Custody.SLOT, Custody.QUARANTINE) and powerbank.rental_id is None:
        _moved(world, sighting)
    elif powerbank.custody is not Custody.RENTED or at - powerbank.moved_at >= _grace(world):
        returns.handle_sighting(world, sighting, powerbank)


def _still_in_slot(world: World, diff: SnapshotDiff, powerbank: Powerbank) -> None:
    """Give the rental up: its power bank is in its slot after the last time at which the eject was sent."""
    reserved = aggregate.load(powerbank.user_id or "", powerbank.rental_id or "", powerbank.powerbank_sn)
    if reserved is not None and diff.at >= reserved.rental.eject_by + _grace(world):
        ejects.give_up(world, reserved.rental, "stayed_in_slot", powerbank_stayed=True)


def _handle_absent(world: World, diff: SnapshotDiff, powerbank: Powerbank) -> None:
    if powerbank.rental_id is not None and powerbank.user_id is not None:
        ejects.confirm(world, powerbank.user_id, powerbank.rental_id, powerbank.powerbank_sn, diff.at)
        return
    if diff.at <= powerbank.moved_at:
        return
    if (
        powerbank.last_rental_id is not None
        and powerbank.last_user_id is not None
        and _given_up_lately(world, diff, powerbank)
    ):
        ejects.confirm(world, powerbank.last_user_id, powerbank.last_rental_id, powerbank.powerbank_sn, diff.at)
        return
    if powerbank.custody is Custody.UNKNOWN:
        return
    log.alarm(Alarm.POWERBANK_VANISHED, sn=diff.binding.sn, powerbank_sn=powerbank.powerbank_sn)
    _rewrite(world, powerbank.powerbank_sn, lambda powerbank: powerbank.vanished(diff.at))


def _given_up_lately(world: World, diff: SnapshotDiff, powerbank: Powerbank) -> bool:
    """Whether an eject that was given up explains that the power bank is gone.

    It does for `eject_evidence_hours` when the place was unknown, and for `eject_unresolved_minutes` after a failed
    eject. Later the power bank may have left by other means.
    """
    settings = world.settings()
    if powerbank.custody is Custody.UNKNOWN:
        return diff.at - powerbank.moved_at < timedelta(hours=settings.eject_evidence_hours)
    soon = timedelta(minutes=settings.eject_unresolved_minutes)
    return powerbank.eject_failed_at is not None and diff.at - powerbank.eject_failed_at < soon


def _install(world: World, sighting: Sighting) -> None:
    """Store a new power bank in its slot: staff put it there."""

    def decide(ops: Transaction) -> None:
        if fetch_one(powerbanks.powerbank_key(sighting.powerbank_sn)) is None:
            slot = sighting.slot
            new_bank = Powerbank(
                sighting.powerbank_sn, Custody.SLOT, sighting.at, sighting.binding.sn, slot.slot_number
            )
            powerbanks.save_powerbank(ops, new_bank)

    atomic(world, decide)
    log.fact("powerbank_installed", sn=sighting.binding.sn, powerbank_sn=sighting.powerbank_sn)


def _moved(world: World, sighting: Sighting) -> None:
    """Store the new slot of a free power bank: staff moved it."""
    log.fact("powerbank_moved", sn=sighting.binding.sn, powerbank_sn=sighting.powerbank_sn)
    slot = sighting.slot
    _rewrite(
        world,
        sighting.powerbank_sn,
        lambda powerbank: powerbank.placed_in(
            sighting.binding.sn, slot.slot_number, slot.battery_percent, sighting.at
        ),
    )


def _rewrite(world: World, powerbank_sn: str, change: Callable[[Powerbank], Powerbank]) -> None:
    """Change a power bank unless a rental has it by now."""
    key = powerbanks.powerbank_key(powerbank_sn)

    def decide(ops: Transaction) -> None:
        current = fetch_one(key)
        if current is not None and current.rental_id is None:
            powerbanks.save_powerbank(ops, change(current))

    atomic(world, decide)


def _save(world: World, diff: SnapshotDiff) -> None:
    key = cabinets.cabinet_key(diff.binding.sn)

    def decide(ops: Transaction) -> None:
        current = diff.before if ops.attempt == 0 else fetch_one(key) or diff.before
        if current.snapshot_at is None or diff.at > current.snapshot_at:
            cabinets.save_cabinet(ops, current.with_snapshot(diff.slots, diff.at))

    atomic(world, decide)


def _grace(world: World) -> timedelta:
    return timedelta(seconds=world.settings().eject_grace_seconds)
