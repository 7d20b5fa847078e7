"""A cabinet's whole state, held against where each bank should be: what was missed shows here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.cabinet import Binding, Cabinet, Slot
from chalicelib.domain.cabinet_protocol.frames import SlotReading, Snapshot
from chalicelib.domain.powerbank import Custody, Powerbank
from chalicelib.services.rentals import aggregate, ejects, returns
from chalicelib.services.rentals.returns import Sighting
from chalicelib.tables import cabinets, powerbanks
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch, fetch_many
from chalicelib.world import World


@dataclass(frozen=True)
class Picture:
    """One snapshot, and what was known before it."""

    binding: Binding
    slots: tuple[Slot, ...]
    at: datetime
    before: Cabinet

    def holds(self, powerbank_sn: str) -> bool:
        return any(slot.powerbank_sn == powerbank_sn for slot in self.slots)

    def tells_of(self, slot_number: int | None) -> bool:
        return any(slot.slot_number == slot_number for slot in self.slots)


def hear(world: World, binding: Binding, frame: Snapshot, at: datetime) -> None:
    """Take in a snapshot; one older than the newest is ignored whole. Banks first, so that a crash hears it again."""
    cabinet_key = cabinets.cabinet_key(binding.sn)
    before = fetch(cabinet_key)[cabinet_key] or Cabinet(binding.sn, binding.imei)
    if before.snapshot_at is not None and at <= before.snapshot_at:
        log.fact("snapshot_stale", sn=binding.sn)
        return
    slots = tuple(slot_of(reading) for reading in frame.slots)
    picture = Picture(binding, slots, at, before)
    banks = _banks(picture)
    for slot in slots:
        if slot.powerbank_sn is not None:
            _hear_present(world, picture, slot, banks.get(slot.powerbank_sn))
    for bank in banks.values():
        expected_here = bank.custody in (Custody.SLOT, Custody.UNKNOWN) and bank.station_sn == binding.sn
        if expected_here and not picture.holds(bank.powerbank_sn) and picture.tells_of(bank.slot_number):
            _hear_absent(world, picture, bank)
    _save(world, picture)


def slot_of(reading: SlotReading) -> Slot:
    """What is kept of a slot as the cabinet's board read it."""
    return Slot(reading.slot_number, reading.state, reading.powerbank_sn, reading.battery_percent, reading.celsius)


def _banks(picture: Picture) -> dict[str, Powerbank]:
    """Every bank the snapshot names, and every one that was known to be in this cabinet."""
    named = {slot.powerbank_sn for slot in (*picture.slots, *picture.before.slots.values()) if slot.powerbank_sn}
    return {bank.powerbank_sn: bank for bank in fetch_many([powerbanks.powerbank_key(sn) for sn in sorted(named)])}


def _hear_present(world: World, picture: Picture, slot: Slot, bank: Powerbank | None) -> None:
    sn, at = picture.binding.sn, picture.at
    seen = Sighting(slot.powerbank_sn or "", picture.binding, slot, at, "snapshot")
    if bank is None:
        _install(world, seen)
        return
    here = bank.station_sn == sn and bank.slot_number == slot.slot_number
    if bank.custody is Custody.SLOT and here:
        if bank.rental_id is not None:
            _still_in_slot(world, picture, bank)
        return
    if at <= bank.moved_at or (bank.custody is Custody.QUARANTINE and here):
        return
    if bank.custody in (Custody.SLOT, Custody.QUARANTINE) and bank.rental_id is None:
        _moved(world, seen)
    elif bank.custody is not Custody.RENTED or at - bank.moved_at >= _settle_time(world):
        returns.hear(world, seen, bank)


def _still_in_slot(world: World, picture: Picture, bank: Powerbank) -> None:
    """Reserved, and in its slot long after the eject can last have been asked: it did not come out."""
    known = aggregate.scene(bank.user_id or "", bank.rental_id or "", bank.powerbank_sn)
    if known is not None and picture.at >= known.rental.eject_by + _settle_time(world):
        ejects.give_up(world, known.rental, "stayed_in_slot", bank_stayed=True)


def _hear_absent(world: World, picture: Picture, bank: Powerbank) -> None:
    if bank.rental_id is not None and bank.user_id is not None:
        ejects.confirm(world, bank.user_id, bank.rental_id, bank.powerbank_sn, picture.at)
        return
    if picture.at <= bank.moved_at:
        return
    if bank.last_rental_id is not None and bank.last_user_id is not None and _given_up_lately(world, picture, bank):
        ejects.confirm(world, bank.last_user_id, bank.last_rental_id, bank.powerbank_sn, picture.at)
        return
    if bank.custody is Custody.UNKNOWN:
        return
    log.alarm("powerbank_vanished", sn=picture.binding.sn, powerbank_sn=bank.powerbank_sn)
    _rewrite(world, bank.powerbank_sn, lambda known: known.vanished(picture.at))


def _given_up_lately(world: World, picture: Picture, bank: Powerbank) -> bool:
    """Gone after an eject was given up: that eject came late. Where the bank was seen in its slot since, only soon
    after; where nobody knew, within the day. Later than that it may have been anybody."""
    settings = world.settings()
    if bank.custody is Custody.UNKNOWN:
        return picture.at - bank.moved_at < timedelta(hours=settings.eject_evidence_hours)
    soon = timedelta(minutes=settings.eject_unresolved_minutes)
    return bank.eject_failed_at is not None and picture.at - bank.eject_failed_at < soon


def _install(world: World, seen: Sighting) -> None:
    """A bank never seen before, in a slot: staff put it there."""

    def decide(ops: Ops) -> None:
        key = powerbanks.powerbank_key(seen.powerbank_sn)
        if fetch(key)[key] is None:
            slot = seen.slot
            fresh = Powerbank(seen.powerbank_sn, Custody.SLOT, seen.at, seen.binding.sn, slot.slot_number)
            powerbanks.save_powerbank(ops, fresh)

    atomic(world, decide)
    log.fact("powerbank_installed", sn=seen.binding.sn, powerbank_sn=seen.powerbank_sn)


def _moved(world: World, seen: Sighting) -> None:
    """Free, and in another slot than before: staff moved it."""
    log.fact("powerbank_moved", sn=seen.binding.sn, powerbank_sn=seen.powerbank_sn)
    slot = seen.slot
    _rewrite(
        world,
        seen.powerbank_sn,
        lambda known: known.seen_in(seen.binding.sn, slot.slot_number, slot.battery_percent, seen.at),
    )


def _rewrite(world: World, powerbank_sn: str, change: Callable[[Powerbank], Powerbank]) -> None:
    """Change a bank that nobody has reserved or rented meanwhile."""
    key = powerbanks.powerbank_key(powerbank_sn)

    def decide(ops: Ops) -> None:
        known = fetch(key)[key]
        if known is not None and known.rental_id is None:
            powerbanks.save_powerbank(ops, change(known))

    atomic(world, decide)


def _save(world: World, picture: Picture) -> None:
    key = cabinets.cabinet_key(picture.binding.sn)

    def decide(ops: Ops) -> None:
        known = picture.before if ops.attempt == 0 else fetch(key)[key] or picture.before
        if known.snapshot_at is None or picture.at > known.snapshot_at:
            cabinets.save_cabinet(ops, known.snapped(picture.slots, picture.at))

    atomic(world, decide)


def _settle_time(world: World) -> timedelta:
    return timedelta(seconds=world.settings().eject_settle_seconds)
