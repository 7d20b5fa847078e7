"""Compares a cabinet's snapshot with the expected place of each power bank, and acts on the differences.

`services/rentals/snapshot_requests.py` asks for a snapshot; `liveness.py` limits how often after damaged frames.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zlib import crc32

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Binding, Cabinet
from chalicelib.domain.cabinets.cabinet_outage import CLOCK_GRAIN
from chalicelib.domain.cabinets.cabinet_protocol.frames import SlotReading, Snapshot
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.sighting import Sighting, SightingResult, SightingSource
from chalicelib.services.cabinets import missing_powerbanks, two_places, unreadable_powerbanks
from chalicelib.services.cabinets.received_snapshot import ReceivedSnapshot
from chalicelib.services.rentals import eject_confirmations, returns, unreadable_returns
from chalicelib.tables import cabinets, powerbanks
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_many, fetch_one
from chalicelib.world import World

ELSEWHERE = frozenset({SightingResult.HINTED, SightingResult.DOUBTED, SightingResult.HANDLED, SightingResult.STALE})
"""What a sighting may mean of a power bank that does not count as being in the slot."""


def handle_snapshot(world: World, binding: Binding, frame: Snapshot, at: datetime) -> str:
    """Handle a snapshot. Returns the outcome.

    One that is older than the stored snapshot moves only power banks whose eject is in doubt.

    Power banks are handled before the cabinet row is saved, so that a retry after a crash handles the rest.
    """
    before = fetch_one(cabinets.cabinet_key(binding.sn)) or Cabinet(binding.sn, binding.imei)
    slots, digest = tuple(slot_of(reading) for reading in frame.slots), f"{crc32(frame.raw):08x}"
    snapshot = ReceivedSnapshot(binding, slots, digest, at, before)
    if snapshot.stale:
        log.fact("snapshot_stale", sn=binding.sn)
    for slot_number, since, powerbank_sn in snapshot.identified():
        unreadable_returns.identify(world, binding, slot_number, since, powerbank_sn)
    banks = _load_powerbanks(snapshot)
    ghosts = [slot.slot_number for slot in snapshot.slots if not _handle_slot(world, snapshot, slot, banks)]
    for powerbank in banks.values():
        if not snapshot.stale and snapshot.has_left_other_place(powerbank):
            two_places.handle_gone(world, snapshot, powerbank)
        if snapshot.is_missing(powerbank, ghosts):
            missing_powerbanks.handle_missing(world, snapshot, powerbank)
        elif not snapshot.stale and powerbank.owner is None:
            missing_powerbanks.handle_reappeared(world, snapshot, powerbank)
    if not snapshot.stale:
        for slot in snapshot.slots:
            if slot.unreadable and before.is_newly_unreadable(slot.slot_number):
                unreadable_powerbanks.handle(world, binding, slot.slot_number, at)
        _save_cabinet(world, snapshot, ghosts, _still_unidentified(world, snapshot))
    return "snapshot_stale" if snapshot.stale else "snapshot_stored"


def slot_of(reading: SlotReading) -> Slot:
    """The stored part of a slot reading."""
    return Slot(
        reading.slot_number,
        reading.state,
        reading.powerbank_sn,
        reading.battery_percent,
        reading.celsius,
        unreadable=reading.unreadable,
    )


def _load_powerbanks(snapshot: ReceivedSnapshot) -> dict[str, Powerbank]:
    """Every power bank that the snapshot or the stored cabinet lists, by serial number.

    A power bank that left its slot is followed only

    * for a stale snapshot: a newer one may have listed it again;
    * while its slot holds another one, or while it should be in a slot of the station;
    * while the station may have ejected it without an answer, or listed it although it is elsewhere or out.
    """
    listed = {slot.powerbank_sn for slot in (*snapshot.slots, *snapshot.before.slots.values())}
    before = snapshot.before.slots.values()
    followed = listed | {slot.ghost_sn for slot in before if snapshot.stale or slot.powerbank_sn}
    ghosts = {slot.ghost_sn for slot in before}
    keys = [powerbanks.powerbank_key(sn) for sn in sorted(filter(None, listed | ghosts))]
    return {
        powerbank.powerbank_sn: powerbank
        for powerbank in fetch_many(keys)
        if powerbank.powerbank_sn in followed
        or (powerbank.unrented_in_slot and snapshot.is_of(powerbank))
        or snapshot.has_left_other_place(powerbank)
        or snapshot.may_have_ejected(powerbank)
        or snapshot.listed_after_eject(powerbank)
    }


def _handle_slot(world: World, snapshot: ReceivedSnapshot, slot: Slot, banks: Mapping[str, Powerbank]) -> bool:
    """Handle the power bank that one slot lists. False when the power bank counts as being elsewhere."""
    if slot.powerbank_sn is None:
        return True
    sighting = Sighting(
        slot.powerbank_sn,
        snapshot.binding,
        slot,
        snapshot.at,
        SightingSource.SNAPSHOT,
        listed_sns=frozenset(other.powerbank_sn for other in snapshot.slots if other.powerbank_sn),
        digest=snapshot.digest,
    )
    powerbank = banks.get(slot.powerbank_sn)
    if powerbank is None:
        _quarantine_unknown(world, snapshot, sighting)
        return True
    if (powerbank.station_sn, powerbank.slot_number) == (snapshot.binding.sn, slot.slot_number):
        if powerbank.custody is Custody.UNKNOWN or _eject_in_doubt(world, powerbank, snapshot.at):
            returns.handle_sighting(world, sighting, powerbank)
        else:
            two_places.end_other_place(world, snapshot, powerbank)
        return True
    if snapshot.at < powerbank.moved_at + _old_place_window(world, powerbank):
        return powerbank.custody is not Custody.RENTED
    if snapshot.lists_in_place(powerbank):
        two_places.report(world, snapshot, slot)
        return False
    repeated = snapshot.before.already_lists(powerbank.powerbank_sn, slot.slot_number)
    if powerbank.custody in (Custody.SLOT, Custody.QUARANTINE) and powerbank.owner is None:
        if not repeated or snapshot.shows_moved(powerbank):
            _move(world, snapshot, sighting, powerbank)
            return True
        result, read_after_move = SightingResult.DOUBTED, snapshot.is_new_reading
    else:
        result, read_after_move = returns.handle_sighting(world, sighting, powerbank), False
    if repeated and result is SightingResult.DOUBTED:
        two_places.report(world, snapshot, slot, read_after_move=read_after_move)
    return result not in ELSEWHERE


def _eject_in_doubt(world: World, powerbank: Powerbank, at: datetime) -> bool:
    """Whether an eject of the power bank in this slot is under way, or was given up lately."""
    doubtful_for = timedelta(minutes=world.settings().eject_unresolved_minutes)
    return powerbank.custody is Custody.SLOT and powerbank.rental_on_return(at, doubtful_for) is not None


def _old_place_window(world: World, powerbank: Powerbank) -> timedelta:
    """How long after its last move a cabinet may still list the power bank at its old place."""
    return eject_confirmations.grace(world) if powerbank.custody is Custody.RENTED else CLOCK_GRAIN


def _quarantine_unknown(world: World, snapshot: ReceivedSnapshot, sighting: Sighting) -> None:
    """Store an unknown power bank in quarantine, and report it. An operator registers it (decision 0058)."""
    if snapshot.stale:
        return

    def decide(ops: Transaction) -> bool:
        if fetch_one(powerbanks.powerbank_key(sighting.powerbank_sn)) is not None:
            return False
        powerbanks.save_powerbank(ops, sighting.quarantined(None))
        return True

    if atomic(world, decide):
        returns.report_quarantined(sighting)


def _move(world: World, snapshot: ReceivedSnapshot, sighting: Sighting, powerbank: Powerbank) -> None:
    """Store the new slot of a free power bank: staff moved it, or two power banks have one serial number."""
    if snapshot.stale:
        return
    log.fact("powerbank_moved", sn=sighting.binding.sn, powerbank_sn=sighting.powerbank_sn)
    two_places.check_other(world, powerbank, snapshot.binding)
    slot = sighting.slot
    _change_unless_rented(
        world,
        sighting.powerbank_sn,
        lambda powerbank: powerbank.placed_in(
            sighting.binding.sn, slot.slot_number, slot.battery_percent, sighting.at
        ),
    )


def _change_unless_rented(world: World, powerbank_sn: str, change: Callable[[Powerbank], Powerbank]) -> None:
    """Change a power bank unless a rental has it by now."""
    key = powerbanks.powerbank_key(powerbank_sn)

    def decide(ops: Transaction) -> None:
        current = fetch_one(key)
        if current is not None and current.rental_id is None:
            powerbanks.save_powerbank(ops, change(current))

    atomic(world, decide)


def _still_unidentified(world: World, snapshot: ReceivedSnapshot) -> Mapping[int, datetime]:
    """Close the returns of unreadable power banks that are proved to be the ones that had left these slots.

    The times of the returns that stay open, by slot. A list that is no new reading may be an old one.
    """
    return {
        slot.slot_number: since
        for slot, since in snapshot.relisted()
        if not snapshot.is_new_reading
        or not unreadable_returns.identify_in_place(
            world, snapshot.binding, slot.slot_number, since, slot.powerbank_sn or ""
        )
    }


def _save_cabinet(
    world: World, snapshot: ReceivedSnapshot, ghosts: Collection[int], unidentified: Mapping[int, datetime]
) -> None:
    key = cabinets.cabinet_key(snapshot.binding.sn)
    slots = [
        slot if slot.unreadable else replace(slot, unreadable_since=unidentified.get(slot.slot_number))
        for slot in snapshot.slots
    ]

    def decide(ops: Transaction) -> bool:
        current = snapshot.before if ops.attempt == 0 and snapshot.before.version else fetch_one(key)
        if current is not None and (current.snapshot_at is None or snapshot.at > current.snapshot_at):
            cabinets.save_cabinet(ops, current.with_snapshot(slots, ghosts, snapshot.at, snapshot.digest))
        return current is not None

    if not atomic(world, decide):
        log.alarm(Alarm.CABINET_UNKNOWN, imei=snapshot.binding.imei)  # its station was deleted meanwhile
