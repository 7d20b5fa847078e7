"""Renting: begin with money held and a bank reserved, in one write; then ask the cabinet; pay what is due."""

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib import log
from chalicelib.domain import ledger
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.powerbank import Powerbank
from chalicelib.domain.pricing import Package, Plan, Terms
from chalicelib.domain.problems import Problem
from chalicelib.domain.rental import Place, Rental
from chalicelib.domain.station import Cabinet, Slot, Station, choose
from chalicelib.domain.user import Account
from chalicelib.services import ejects, once
from chalicelib.services.accounts import Caller, again, reread
from chalicelib.services.options import affordable
from chalicelib.tables import accounts, catalogue, postings, rentals, stations
from chalicelib.tables.atomic import Ops, atomic
from chalicelib.tables.store import Key, fetch, fetch_many
from chalicelib.world import World

TURN_PAUSE_SECONDS = 0.5
MOST_LOOKED_THROUGH = 100


@dataclass(frozen=True)
class DuePaid:
    """A due that was paid, how, and whether it was the last one that kept its user from renting."""

    rental: Rental
    plan: Plan
    unblocked: bool


@dataclass(frozen=True)
class Order:
    """What a customer asks for at a station."""

    station_sn: str
    package_id: str
    powerbank_sn: str | None = None

    def reads(self) -> tuple[Key[Package], Key[Station], Key[Cabinet]]:
        """What is read together with the caller."""
        return (
            catalogue.package_key(self.package_id),
            stations.station_key(self.station_sn),
            stations.cabinet_key(self.station_sn),
        )


def start(world: World, caller: Caller, order: Order) -> Rental:
    """Hold what is paid upfront, reserve the fullest bank, have it ejected. `starting` in the answer: not known yet.

    Raises Problem: not_found, package_unavailable, what forbids the user to rent, insufficient_funds,
    station_offline, station_in_maintenance, station_busy, no_powerbank_available, eject_failed, cabinet_unavailable.
    """
    if caller.once is not None and caller.once.ref is not None:
        return read(world, caller.user_id, caller.once.ref)
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


def read(world: World, user_id: str, rental_id: str) -> Rental:  # noqa: ARG001  every verb takes the world
    """The user's own rental. Raises Problem("not_found") for nobody's and for another's."""
    key = rentals.rental_key(user_id, rental_id)
    rental = fetch(key)[key]
    if rental is None:
        raise Problem("not_found")
    return rental


def active(world: World, caller: Caller) -> Rental | None:
    """The caller's open rental, if any."""
    open_id = caller.account.open_rental_id
    return read(world, caller.user_id, open_id) if open_id else None


def keys_of(user_id: str, rental_id: str) -> tuple[Key[Rental]]:
    """What paying a due reads beside the account."""
    return (rentals.rental_key(user_id, rental_id),)


def pay_due(world: World, caller: Caller, rental_id: str, *, amount_paisa: int | None = None) -> DuePaid:
    """Pay what a rental owes, all of it, points first; `amount_paisa` is what the caller believes it owes, if told.

    Raises Problem: not_found, nothing_due, invalid_input for another amount, insufficient_funds.
    """
    if caller.once is not None and caller.once.ref is not None:
        return _paid_before(caller, rental_id, caller.once.ref)
    (key,) = keys_of(caller.user_id, rental_id)

    def decide(ops: Ops) -> DuePaid:
        who = again(world, caller, ops)
        rental = who.rows[key] if key in who.rows else fetch(key)[key]
        if rental is None:
            raise Problem("not_found")
        if rental.due_paisa == 0:
            raise Problem("nothing_due", payment_status=rental.payment_status())
        if amount_paisa not in (None, rental.due_paisa):
            raise Problem("invalid_input", errors={"amount": ["is not what is due"]}, due_paisa=rental.due_paisa)
        plan = affordable(world, who.account, rental.due_paisa)
        moved = ledger.legs(
            paisa=[
                ("wallet", -plan.wallet_paisa),
                (ledger.REVENUE_DUE, plan.wallet_paisa),
                ("due", -rental.due_paisa),
                (ledger.RECEIVABLE_DUE, rental.due_paisa),
            ],
            points=[("points", -plan.points_used), (ledger.LIABILITY_POINTS, plan.points_used)],
        )
        account, posting = ledger.post(who.account, PostingKind.PAY_DUE, rental_id, world.now(), moved)
        paid = rental.paid_up(plan, posting.seq)
        following, owed_paisa = _next_due(account, rental_id)
        accounts.save(ops, replace(account, due_rental_id=following, due_rental_paisa=owed_paisa))
        postings.add(ops, posting)
        rentals.save(ops, paid)
        once.claim(ops, world, who.once, str(posting.seq))
        return DuePaid(paid, plan, account.due_paisa == 0)

    paid = atomic(world, decide)
    log.fact("due_paid", rental_id=rental_id, amount_paisa=paid.plan.total_paisa)
    return paid


def _next_due(account: Account, paid_rental_id: str) -> tuple[str | None, int]:
    """The rental that is still owed for, and how much: rarely any, for a due blocks new rentals, but a released one
    may reopen."""
    if account.due_paisa == 0:
        return None, 0
    newest = rentals.newest(account.user_id, before=None, limit=MOST_LOOKED_THROUGH)
    owing = [one for one in newest if one.due_paisa and one.rental_id != paid_rental_id]
    return (owing[0].rental_id, owing[0].due_paisa) if owing else (None, 0)


def _paid_before(caller: Caller, rental_id: str, seq: str) -> DuePaid:
    """A payment whose answer was never sent, told from its posting, number `seq`. Raises Problem("not_found")."""
    rental_key, posting_key = (
        rentals.rental_key(caller.user_id, rental_id),
        postings.posting_key(caller.user_id, int(seq)),
    )
    found = fetch(rental_key, posting_key)
    rental, posting = found[rental_key], found[posting_key]
    if rental is None or posting is None:
        raise Problem("not_found")
    plan = Plan(-posting.of("due"), -posting.of("points"), -posting.of("wallet"), 0)
    return DuePaid(rental, plan, caller.account.due_paisa == 0)


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
    keys = [rentals.powerbank_key(slot.powerbank_sn) for slot in slots if slot.powerbank_sn]
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
    rentals.save_powerbank(ops, bank.reserved(rental.rental_id, rental.user_id))
    busy_until = now + timedelta(seconds=settings.station_busy_seconds)
    stations.save(ops, replace(station, ejecting_rental_id=rental.rental_id, ejecting_until=busy_until))
    once.claim(ops, world, who.once, rental.rental_id)
