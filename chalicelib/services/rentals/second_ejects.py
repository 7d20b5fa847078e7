"""Tries the next best power bank of a station once, after an eject that failed for certain.

The rental keeps its price and its hold. If the first power bank comes out all the same, it has the rental while the
second one has not come out, and otherwise a rental of its own.
"""

from dataclasses import replace

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_choice import ready_slots
from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.rentals.eject_fate import EjectFate
from chalicelib.domain.rentals.eject_times import EjectTimes
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.domain.rentals.rental_state import CABINET_BUSY, NOT_FOUND, RentalState
from chalicelib.domain.rentals.second_eject import (
    may_eject_another,
    separate_rental,
    superseded_eject_of,
    with_another,
    with_superseded_again,
)
from chalicelib.domain.stations.station import Station
from chalicelib.services.rentals import aggregate, eject_orders
from chalicelib.tables import cabinets, open_items, powerbanks, rentals, stations
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch, fetch_many, fetch_one
from chalicelib.tables.open_items import ItemKind
from chalicelib.world import World


def stage(ops: Transaction, world: World, before: RentalAggregate, reason: str, fate: EjectFate) -> Rental | None:
    """Stage the eject of another power bank for a starting rental. Its command is to be sent at `requested_at`.

    None when the cabinet did not answer that the power bank stayed, when it is busy, or when no other power bank can
    be ejected now: then nothing is staged. A command that was not sent is no answer: another one would go through the
    same cloud.
    """
    rental, now, settings = before.rental, world.now(), world.settings()
    stayed = fate.answered and reason not in CABINET_BUSY
    if not stayed or not may_eject_another(rental, settings.eject_retries_count, now):
        return None
    if before.account.status is not Status.ACTIVE:
        return None
    chosen = _choose(world, rental)
    if chosen is None:
        return None
    station, slot, powerbank = chosen
    second = with_another(
        rental,
        slot,
        failure=reason,
        separate_id=world.new_id(),
        times=EjectTimes.after(rental.requested_at, now, settings),
    )
    first_bank = fate.applied_to(before.powerbank, rental.rental_id, now)
    aggregate.save(ops, world, rental, replace(before, rental=second, powerbank=first_bank))
    eject_orders.stage(ops, world, second, station, powerbank)
    return replace(second, version=second.version + 1)


def _choose(world: World, rental: Rental) -> tuple[Station, Slot, Powerbank] | None:
    """The best power bank of the rental's station that was not tried. None when the station can't eject it now."""
    now, settings, sn = world.now(), world.settings(), rental.station.sn
    station_key, cabinet_key = stations.station_key(sn), cabinets.cabinet_key(sn)
    rows = fetch(station_key, cabinet_key)
    station, cabinet = rows[station_key], rows[cabinet_key]
    if station is None or cabinet is None or not cabinet.reachable(now, settings):
        return None
    if not station.may_eject_for(rental.rental_id, now):
        return None
    tried = {rental.powerbank_sn, *(superseded.powerbank_sn for superseded in rental.superseded_ejects)}
    if rental.swap is not None:
        tried.add(rental.swap.powerbank_sn)
    slots = [slot for slot in ready_slots(cabinet, settings) if slot.powerbank_sn not in tried]
    chosen = eject_orders.choose(world, sn, slots)
    return (station, *chosen) if chosen else None


def load(owner: tuple[str, str], powerbank_sn: str, cabinet_sn: str | None = None) -> RentalAggregate | None:
    """The rental of this user id and rental id, with this power bank.

    For the power bank of a superseded eject it is the separate rental of that power bank. That rental may not be
    stored yet: its version is 0.
    """
    before = aggregate.load(*owner, powerbank_sn, cabinet_sn)
    superseded = superseded_eject_of(before.rental, powerbank_sn) if before is not None else None
    if before is None or superseded is None:
        return before
    rental = fetch_one(rentals.rental_key(before.rental.user_id, superseded.rental_id)) or separate_rental(
        before.rental, superseded
    )
    powerbank = before.powerbank
    if powerbank.last_rental_id == before.rental.rental_id:
        powerbank = replace(powerbank, last_rental_id=rental.rental_id)
    return replace(before, rental=rental, powerbank=powerbank)


def load_came_out(
    owner: tuple[str, str], powerbank_sn: str, cabinet_sn: str | None, *, answered: bool
) -> RentalAggregate | None:
    """Like `load`, for a report that the power bank came out.

    A starting or released rental has its first power bank again: `stage_other` gives the other one up. After an
    answer of the cabinet that it did not find the power bank, only its answer says that it came out.
    """
    before = load(owner, powerbank_sn, cabinet_sn)
    if before is None or before.rental.version or (before.rental.failure == NOT_FOUND and not answered):
        return before
    rental = fetch_one(rentals.rental_key(*owner))
    superseded = superseded_eject_of(rental, powerbank_sn) if rental is not None else None
    if rental is None or superseded is None or not (rental.state is RentalState.STARTING or rental.released):
        return before
    powerbank = replace(before.powerbank, last_rental_id=rental.rental_id)
    return replace(before, rental=with_superseded_again(rental, superseded), powerbank=powerbank)


def stage_other(ops: Transaction, world: World, before: RentalAggregate) -> None:
    """Stage that a power bank which the rental has reserved may be out, because its first one came out."""
    rental = before.rental
    if before.powerbank.rental_id == rental.rental_id or not rental.superseded_ejects:
        return
    for powerbank in fetch_many([powerbanks.powerbank_key(each.powerbank_sn) for each in rental.superseded_ejects]):
        reserved = powerbank.rental_id == rental.rental_id and powerbank.custody is Custody.SLOT
        if reserved and powerbank.powerbank_sn != rental.powerbank_sn:
            powerbanks.save_powerbank(ops, powerbank.location_lost(world.now()))
            open_items.add(ops, rental.user_id, ItemKind.POWERBANK, powerbank.powerbank_sn)
