"""Handles power banks that a snapshot misses: an eject explains it, or they vanished, or they came back meanwhile."""

from datetime import datetime, timedelta

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_suspicion import OtherPlace, Reappearance
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.sighting import Sighting, SightingSource
from chalicelib.domain.rentals.wrong_slot_suspects import Disappearance
from chalicelib.services.cabinets import operator_ejects
from chalicelib.services.cabinets.received_snapshot import ReceivedSnapshot
from chalicelib.services.rentals import eject_confirmations, returns, snapshot_requests, wrong_slots
from chalicelib.services.rentals.eject_confirmations import OutOfSlotReport
from chalicelib.tables import cabinets, powerbanks, rentals, stations
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


def handle_missing(world: World, snapshot: ReceivedSnapshot, powerbank: Powerbank) -> None:
    """Handle a power bank that a snapshot does not list where it should be: it came out for a rental, or vanished."""
    if operator_ejects.explains_absence(world, powerbank, snapshot.binding.sn, snapshot.at):
        if not snapshot.stale:
            operator_ejects.handle_missing(world, powerbank.powerbank_sn, snapshot.binding.sn, snapshot.at)
        return
    slot_number = powerbank.slot_number or 0
    disappearance = snapshot.disappearance(powerbank, slot_number, snapshot.at)
    explained = powerbank.owner is not None or _doubt_explains_absence(world, snapshot, powerbank)
    if explained and not (powerbank.unrented_in_slot and wrong_slots.was_ejecting(world, disappearance)):
        eject_confirmations.confirm(
            world, powerbank, OutOfSlotReport(snapshot.binding.sn, snapshot.at, answered=False)
        )
        return
    in_its_slot = powerbank.unrented_in_slot and snapshot.is_of(powerbank)
    if snapshot.stale or snapshot.at <= powerbank.moved_at or not in_its_slot:
        # A slot that the power bank left earlier says nothing of the one in which it is now.
        return
    other = powerbank.other_place
    if other is None:
        wrong_slots.report_vanished(world, disappearance, own=_own_suspect(world, powerbank) if explained else None)
    elif other.gone_at is None:
        wrong_slots.report_vanished(world, disappearance)
        snapshot_requests.request_at(world, other.station_sn)
    else:
        wrong_slots.report_vanished(world, disappearance, _gone_from(powerbank, other, other.gone_at))


def _own_suspect(world: World, powerbank: Powerbank) -> Rental | None:
    """The last rental of the power bank, if it failed and no two reports prove that the power bank stayed then."""
    own = fetch_one(rentals.rental_key(*powerbank.last_owner)) if powerbank.last_owner is not None else None
    if own is None or own.powerbank_sn != powerbank.powerbank_sn:
        return None
    return own if own.stays_without_proof(eject_confirmations.grace(world)) else None


def _gone_from(powerbank: Powerbank, other: OtherPlace, gone_at: datetime) -> Disappearance:
    """How the power bank left the slot in which another station listed it."""
    cabinet = fetch_one(cabinets.cabinet_key(other.station_sn))
    slots = cabinet.slots if cabinet is not None else {}
    listed = {number: slot.powerbank_sn or slot.ghost_sn for number, slot in slots.items()}
    listed_at = other.listed_at or other.at
    return Disappearance(powerbank.powerbank_sn, other.station_sn, other.slot_number, listed_at, gone_at, listed)


def handle_reappeared(world: World, snapshot: ReceivedSnapshot, powerbank: Powerbank) -> None:
    """Handle a power bank that left its slot here and came into a slot before a snapshot showed that it was out.

    While the snapshot lists it in the slot that it left, nothing says that it came out: the other cabinet may err.
    """
    if powerbank.reappearance is None and not snapshot.shows_elsewhere(powerbank):
        return
    current = fetch_one(powerbanks.powerbank_key(powerbank.powerbank_sn))
    reappearance = current.reappearance if current is not None else None
    if current is None or reappearance is None or reappearance.station_sn != snapshot.binding.sn:
        return
    left_place = (reappearance.station_sn, reappearance.slot_number)
    is_moved = (current.station_sn, current.slot_number) != left_place
    if is_moved and snapshot.lists_at(current.powerbank_sn, reappearance.slot_number):
        return
    disappearance = snapshot.disappearance(current, reappearance.slot_number, reappearance.at)
    if wrong_slots.tie_reappeared(world, disappearance):
        _place_again(world, current.powerbank_sn, reappearance)


def _place_again(world: World, powerbank_sn: str, reappearance: Reappearance) -> None:
    """Handle the present slot of a power bank as a sighting at the time of the report that put it there."""
    powerbank = fetch_one(powerbanks.powerbank_key(powerbank_sn))
    station = fetch_one(stations.station_key(powerbank.station_sn)) if powerbank and powerbank.station_sn else None
    if powerbank is None or station is None or powerbank.slot_number is None:
        return
    place = (powerbank.station_sn, powerbank.slot_number)
    moved = powerbank.custody is Custody.SLOT and place != (reappearance.station_sn, reappearance.slot_number)
    source = SightingSource.SLOT_CHANGE if moved else SightingSource.RETURN
    sighting = Sighting.of_stored_slot(powerbank, powerbank.slot_number, station, reappearance.at, source)
    returns.handle_sighting(world, sighting, powerbank)


def _doubt_explains_absence(world: World, snapshot: ReceivedSnapshot, powerbank: Powerbank) -> bool:
    """Whether an eject that was given up, or a doubtful return, explains that the power bank is gone.

    It does for `eject_evidence_hours` when the place or the return is in doubt, and for `eject_unresolved_minutes`
    after a failed eject. Later the power bank may have left by other means.
    """
    settings = world.settings()
    if powerbank.vanished_at is not None or (powerbank.doubted_owner is None and powerbank.last_owner is None):
        return False
    if powerbank.custody is Custody.UNKNOWN or powerbank.doubted_owner is not None:
        return snapshot.at - powerbank.moved_at < timedelta(hours=settings.eject_evidence_hours)
    soon = timedelta(minutes=settings.eject_unresolved_minutes)
    return powerbank.eject_failed_at is not None and snapshot.at - powerbank.eject_failed_at < soon
