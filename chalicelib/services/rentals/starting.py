"""Starts a rental: holds the money and reserves a power bank in one transaction, then ejects it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from chalicelib.domain.accounts.rent_eligibility import must_be_able_to_rent
from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_choice import ready_slots
from chalicelib.domain.money import ledger, ledger_entries
from chalicelib.domain.money.pricing import Package, Terms
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.eject_times import EjectTimes
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_station import RentalStation
from chalicelib.domain.stations.station import Station
from chalicelib.services import event_log, idempotency
from chalicelib.services.caller import Caller, fresh_caller, reread_caller
from chalicelib.services.rentals import eject_orders, ejects, queries
from chalicelib.services.wallet.affordability import require_affordable
from chalicelib.tables import accounts, cabinets, packages, postings, rentals, stations
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.rows import Key
from chalicelib.world import World

QUEUE_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class RentalOrder:
    """What a customer wants to rent at a station."""

    station_sn: str
    package_id: str
    powerbank_sn: str | None = None

    def prefetch_keys(self) -> tuple[Key[Package], Key[Station], Key[Cabinet]]:
        """The rows to read together with the caller."""
        return (
            packages.package_key(self.package_id),
            stations.station_key(self.station_sn),
            cabinets.cabinet_key(self.station_sn),
        )


def start(world: World, caller: Caller, order: RentalOrder) -> Rental:
    """Hold the upfront price, reserve the fullest power bank and eject it.

    The state of the returned rental is `starting` while the cabinet has not reported the eject. A retry with the same
    idempotency key returns the rental of the first attempt, or raises the Problem with which its eject failed.

    Raises Problem: not_found, package_unavailable, a reason not to rent, insufficient_funds, station_offline,
    station_in_maintenance, station_busy, no_powerbank_available, eject_failed, cabinet_unavailable.
    """
    if caller.earlier_resource_id is not None:
        return ejects.must_not_have_failed(queries.read(caller.user_id, caller.earlier_resource_id))
    rental_id = world.new_id()
    queue_until = world.now() + timedelta(seconds=world.settings().station_queue_wait_seconds)
    while True:
        try:
            rental = atomic(world, partial(_reserve, world, caller, order, rental_id))
            return ejects.eject_and_wait(world, rental)
        except Problem as problem:
            # The cabinet is ejecting for another customer: try again until the queue time is over.
            if problem.code != "station_busy" or world.now() >= queue_until:
                raise
            world.pause(QUEUE_PAUSE_SECONDS)
            caller = reread_caller(world, caller)


def _reserve(world: World, caller: Caller, order: RentalOrder, rental_id: str, ops: Transaction) -> Rental:
    caller = fresh_caller(world, caller, ops)
    package_key, station_key, cabinet_key = order.prefetch_keys()
    package, station, cabinet = caller.rows[package_key], caller.rows[station_key], caller.rows[cabinet_key]
    now, settings = world.now(), world.settings()
    if station is None or cabinet is None:
        raise Problem("not_found", what="station")
    if package is None or not package.active:
        raise Problem("package_unavailable")
    must_be_able_to_rent(caller.account)
    plan = require_affordable(world, caller.account, package.upfront_paisa)
    if not cabinet.reachable(now, settings):
        raise Problem("station_offline", retry_after_seconds=60)
    station.must_hand_out(now)
    chosen = eject_orders.choose(world, cabinet.sn, ready_slots(cabinet, settings), order.powerbank_sn)
    if chosen is None:
        raise Problem("no_powerbank_available")
    slot, powerbank = chosen
    times = EjectTimes.of(now, settings)
    rental = Rental(
        rental_id,
        caller.user_id,
        package,
        Terms.of(settings),
        RentalStation(station.sn, station.name, station.imei, slot.slot_number),
        powerbank.powerbank_sn,
        slot.battery_percent,
        requested_at=times.requested_at,
        eject_by=times.eject_by,
        held_points=plan.points_used,
        held_paisa=plan.wallet_paisa,
        sweep_at=times.sweep_at,
    )
    _write(ops, world, caller, rental, powerbank, station)
    return replace(rental, version=1)


def _write(
    ops: Transaction, world: World, caller: Caller, rental: Rental, powerbank: Powerbank, station: Station
) -> None:
    entry = ledger_entries.hold(paisa=rental.held_paisa, points=rental.held_points)
    account, posted = ledger.post_if_any(caller.account, entry, rental.rental_id, rental.requested_at)
    accounts.save(ops, replace(account, open_rental_id=rental.rental_id))
    for posting in posted:
        postings.add(ops, posting)
    rentals.save(ops, rental)
    eject_orders.stage(ops, world, rental, station, powerbank)
    event_log.stage_call(ops, world, rental.rental_id)
    idempotency.claim(ops, world, caller.idempotency, rental.rental_id)
