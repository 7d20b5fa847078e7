"""A power bank that a cabinet lists although it is stored at another place: how that begins and how it ends.

It ends when the other station lists the power bank no more and then the station where it is stored lists it again.
"""

from dataclasses import replace
from datetime import timedelta

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Binding
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_suspicion import OtherPlace
from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.services.cabinets.received_snapshot import ReceivedSnapshot
from chalicelib.services.rentals import snapshot_requests, wrong_slots
from chalicelib.tables import powerbanks
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World

LATE_SNAPSHOT = timedelta(minutes=1)
"""How long after a power bank moved a snapshot from before the move may arrive."""


def check_other(world: World, powerbank: Powerbank, binding: Binding) -> None:
    """Ask the station that the power bank moved from for a snapshot. It may still list the power bank."""
    if powerbank.station_sn is None or powerbank.station_sn == binding.sn:
        return
    snapshot_requests.request_at(world, powerbank.station_sn)


def report(world: World, snapshot: ReceivedSnapshot, slot: Slot, *, read_after_move: bool = False) -> None:
    """Raise one alarm for the power bank of this slot, and none again until the power bank moves or the station lists
    it no more. Until then no customer can rent it.

    A snapshot soon after the move counts if the cabinet surely read its slots after it.
    """
    powerbank_sn, at, sn = slot.powerbank_sn or "", snapshot.at, snapshot.binding.sn
    late = timedelta() if read_after_move else LATE_SNAPSHOT
    key = powerbanks.powerbank_key(powerbank_sn)

    def decide(ops: Transaction) -> str | None:
        powerbank = fetch_one(key)
        if powerbank is None or powerbank.other_place is not None or at - powerbank.moved_at < late:
            return None
        powerbanks.save_powerbank(ops, replace(powerbank, other_place=OtherPlace(at, sn, slot.slot_number)))
        return powerbank.rental_id or "none"

    rental_id = atomic(world, decide)
    if rental_id is not None:
        log.alarm(Alarm.POWERBANK_IN_TWO_PLACES, powerbank_sn=powerbank_sn, sn=sn, rental_id=rental_id)


def handle_gone(world: World, snapshot: ReceivedSnapshot, powerbank: Powerbank) -> None:
    """Handle a power bank that its other place lists no more, and ask the station where it is stored for a snapshot.

    If it had vanished from there before, it was here and is gone.
    """
    other, before_at = powerbank.other_place, snapshot.before.snapshot_at
    if other is None:
        return
    if powerbank.vanished_at is not None:
        disappearance = snapshot.disappearance(powerbank, other.slot_number, snapshot.at)
        wrong_slots.report_vanished(world, replace(disappearance, listed_at=before_at or other.at))
    elif powerbank.unrented_in_slot:
        gone = None if snapshot.lists_in_place(powerbank) else other.gone(snapshot.at, before_at)
        _replace(world, powerbank.powerbank_sn, other, gone)
        if gone is not None and powerbank.station_sn is not None:
            snapshot_requests.request_at(world, powerbank.station_sn)


def end_other_place(world: World, snapshot: ReceivedSnapshot, powerbank: Powerbank) -> None:
    """The power bank has no other place once a new list has it in its slot after that place had it no more."""
    other = powerbank.other_place
    if other is not None and other.gone_at is not None and snapshot.is_new_reading and snapshot.at > other.gone_at:
        _replace(world, powerbank.powerbank_sn, other, None)


def _replace(world: World, powerbank_sn: str, other: OtherPlace, after: OtherPlace | None) -> None:
    """Store another place unless the power bank has moved meanwhile."""

    def decide(ops: Transaction) -> None:
        powerbank = fetch_one(powerbanks.powerbank_key(powerbank_sn))
        if powerbank is not None and powerbank.other_place == other:
            powerbanks.save_powerbank(ops, replace(powerbank, other_place=after))

    atomic(world, decide)
