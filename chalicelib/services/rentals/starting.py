"""Starting a rental: money held and a power bank reserved in one write, then the eject."""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain import ledger
from chalicelib.domain.allocation import choose
from chalicelib.domain.cabinet import Cabinet, Slot
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.powerbank import Powerbank
from chalicelib.domain.pricing import Package, Terms
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import Place, Rental
from chalicelib.domain.station import Station
from chalicelib.services import idempotency
from chalicelib.services.caller import Caller, again, reread
from chalicelib.services.rentals import ejects, queries
from chalicelib.services.wallet.affordability import affordable
from chalicelib.tables import accounts, cabinets, packages, postings, powerbanks, rentals, stations
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.dynamodb import fetch_many
from chalicelib.tables.rows import Key
from chalicelib.world import World

TURN_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Order:
    """What a customer asks for at a station."""

    station_sn: str
    package_id: str
    powerbank_sn: str | None = None

    def reads(self) -> tuple[Key[Package], Key[Station], Key[Cabinet]]:
        """What is read together with the caller."""
        return (
            packages.package_key(self.package_id),
            stations.station_key(self.station_sn),
            cabinets.cabinet_key(self.station_sn),
        )


def start(world: World, caller: Caller, order: Order) -> Rental:
    """Hold what is paid upfront, reserve the fullest bank, have it ejected. `starting` in the answer: not known yet.

    Raises Problem: not_found, package_unavailable, what forbids the user to rent, insufficient_funds,
    station_offline, station_in_maintenance, station_busy, no_powerbank_available, eject_failed, cabinet_unavailable.
    """
    if caller.once is not None and caller.once.ref is not None:
        return queries.read(world, caller.user_id, caller.once.ref)
    rental_id = world.new_id()
    turn_until = world.now() + timedelta(seconds=world.settings().station_turn_seconds)
    while True:
        try:
            return ejects.ask(world, _reserve(world, caller, order, rental_id))
        except Problem as problem:
            # Another customer at the same kiosk: wait for one's turn, as one would in front of it.
            if problem.code != "station_busy" or world.now() >= turn_until:
                raise
            world.pause(TURN_PAUSE_SECONDS)
            caller = reread(world, caller)


def _reserve(world: World, caller: Caller, order: Order, rental_id: str) -> Rental:
    return atomic(world, lambda ops: _begin(ops, world, again(world, caller, ops), order, rental_id))


def _begin(ops: Ops, world: World, who: Caller, order: Order, rental_id: str) -> Rental:
    package_key, station_key, cabinet_key = order.reads()
    package, station, cabinet = who.rows[package_key], who.rows[station_key], who.rows[cabinet_key]
    now, settings = world.now(), world.settings()
    if station is None or cabinet is None:
        raise Problem("not_found", what="station")
    if package is None or not package.active:
        raise Problem("package_unavailable")
    who.account.must_be_able_to_rent()
    plan = affordable(world, who.account, package.upfront_paisa)
    if not cabinet.reachable(now, settings):
        raise Problem("station_offline", retry_after_seconds=60)
    station.must_hand_out(now)
    slot, bank = _chosen(world, cabinet, order)
    rental = Rental(
        rental_id,
        who.user_id,
        package,
        Terms.of(settings),
        Place(station.sn, station.name, station.imei, slot.slot_number),
        bank.powerbank_sn,
        slot.battery_percent,
        asked_at=now,
        eject_by=now + timedelta(seconds=settings.eject_publish_within_seconds),
        held_points=plan.points_used,
        held_paisa=plan.wallet_paisa,
        sweep_at=now + timedelta(seconds=settings.eject_publish_within_seconds + settings.eject_settle_seconds),
    )
    _write(ops, world, who, rental, bank, station)
    return replace(rental, version=1)


def _chosen(world: World, cabinet: Cabinet, order: Order) -> tuple[Slot, Powerbank]:
    settings = world.settings()
    slots = cabinet.ready_slots(settings)
    keys = [powerbanks.powerbank_key(slot.powerbank_sn) for slot in slots if slot.powerbank_sn]
    banks = {bank.powerbank_sn: bank for bank in fetch_many(keys) if bank.station_sn == cabinet.sn}
    chosen = choose(slots, banks, wanted_sn=order.powerbank_sn, now=world.now(), settings=settings)
    if chosen is None:
        raise Problem("no_powerbank_available")
    return chosen


def _write(ops: Ops, world: World, who: Caller, rental: Rental, bank: Powerbank, station: Station) -> None:
    now, settings = world.now(), world.settings()
    moved = ledger.legs(
        paisa=[("wallet", -rental.held_paisa), ("held", rental.held_paisa)],
        points=[("points", -rental.held_points), ("held_points", rental.held_points)],
    )
    account, posted = ledger.book(who.account, PostingKind.HOLD, rental.rental_id, now, moved)
    accounts.save(ops, replace(account, open_rental_id=rental.rental_id))
    for posting in posted:
        postings.add(ops, posting)
    rentals.save(ops, rental)
    powerbanks.save_powerbank(ops, bank.reserved(rental.rental_id, rental.user_id))
    busy_until = now + timedelta(seconds=settings.station_busy_seconds)
    stations.save(ops, replace(station, ejecting_rental_id=rental.rental_id, ejecting_until=busy_until))
    idempotency.claim(ops, world, who.once, rental.rental_id)
