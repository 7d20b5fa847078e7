"""Swaps a faulty power bank: once it is back in time, another one is ejected on the same rental, or it is free."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.cabinets.cabinet_outage import CLOCK_GRAIN
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_choice import ready_slots
from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.cabinets.slot_reports import sights_of
from chalicelib.domain.rentals.eject_times import EjectTimes
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_aggregate import RentalAggregate
from chalicelib.domain.rentals.rental_swap import ended_free, swapped
from chalicelib.domain.rentals.second_eject import awaits_another_answer, latest_request_at
from chalicelib.domain.rentals.sighting import Sighting, SightingSource
from chalicelib.domain.stations.station import Station
from chalicelib.services.rentals import aggregate, eject_confirmations, eject_orders
from chalicelib.tables import stations
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


def stage(
    ops: Transaction, world: World, before: RentalAggregate, after: RentalAggregate, sighting: Sighting
) -> Rental | None:
    """Stage the swap of a reported power bank whose return ended the rental `before` as `after`.

    The returned rental is starting again, and its power bank is to be ejected after the commit. It is cancelled free
    of charge when no other power bank can be ejected now. None when the customer has no right to a swap: then nothing
    is staged, and the rental ends as always.
    """
    if not _is_due(world, before, after, sighting):
        return None
    place = sighting.place
    chosen = _choose(world, before, place.sn)
    if chosen is None:
        free = ended_free(before, after, world.now())
        aggregate.save(ops, world, before.rental, free)
        return free.rental
    station, slot, powerbank = chosen
    times = EjectTimes.after(latest_request_at(before.rental, place.sn), world.now(), world.settings())
    rental = swapped(before.rental, after.rental.ended_at or times.requested_at, place, slot, times)
    returned = after.powerbank.with_certain_return()
    swapping = replace(before, rental=rental, powerbank=returned, cabinet=after.cabinet)
    aggregate.save(ops, world, before.rental, swapping)
    eject_orders.stage(ops, world, rental, station, powerbank)
    return replace(rental, version=rental.version + 1)


def _is_due(world: World, before: RentalAggregate, after: RentalAggregate, sighting: Sighting) -> bool:
    """Whether the customer reported the power bank before it came back, in time, and as evidence proves.

    A return frame proves a return. So do two reports of which one is a snapshot.
    """
    rental, ended_at = before.rental, after.rental.ended_at
    swap, started_at = rental.swap, rental.started_at
    if swap is None or not swap.open or started_at is None or ended_at is None or not rental.open:
        return False
    account = before.account
    if account.status is not Status.ACTIVE or account.open_rental_id != rental.rental_id:
        return False
    if rental.due_paisa or rental.other_powerbank_sn is not None:
        return False
    # The end may be dated back by an outage. What counts is when the cabinet reported the return.
    reported_at = after.rental.return_reported_at or ended_at
    in_time = reported_at - started_at <= timedelta(minutes=rental.terms.swap_minutes)
    if not in_time or sighting.at + CLOCK_GRAIN <= swap.reported_at or not after.has_powerbank:
        return False
    sights = sights_of(after.rental.reports, started_at, eject_confirmations.grace(world))
    seen_twice = len(sights) > 1 and any(sight.kind.value == SightingSource.SNAPSHOT for sight in sights)
    return after.powerbank.doubted_rental_id is None or seen_twice


def _choose(world: World, before: RentalAggregate, sn: str) -> tuple[Station, Slot, Powerbank] | None:
    """The best other power bank of the station where the faulty one came back. None when it can't eject now.

    None after the swap time: the customer has probably left the station by then. None while the answer to another
    eject of the rental is missing: a cabinet gets one command at a time.
    """
    rental, cabinet, now, settings = before.rental, before.cabinet, world.now(), world.settings()
    late = rental.started_at is None or now - rental.started_at > timedelta(minutes=rental.terms.swap_minutes)
    if late or cabinet is None or not cabinet.reachable(now, settings):
        return None
    station = fetch_one(stations.station_key(sn))
    if station is None or not station.may_eject_for(rental.rental_id, now):
        return None
    if station.is_ejecting(now) and awaits_another_answer(rental):
        return None
    slots = [slot for slot in ready_slots(cabinet, settings) if slot.powerbank_sn != rental.powerbank_sn]
    chosen = eject_orders.choose(world, sn, slots)
    return (station, *chosen) if chosen else None
