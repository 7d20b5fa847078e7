"""Stores returns whose power bank no cabinet could read, until operators say which power bank it is."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Binding
from chalicelib.domain.cabinets.slot import NORMAL, Slot
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.numbered_page import MAX_LISTED, NumberedPage
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.domain.rentals.sighting import Sighting, SightingSource
from chalicelib.domain.rentals.unreadable_return import UnreadableReturn, UnreadableReturnState, return_id_of
from chalicelib.domain.text.time_text import time_text
from chalicelib.services import audit_log
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.rentals import returns
from chalicelib.tables import powerbanks, rentals, stations, unreadable_returns
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch, fetch_one
from chalicelib.world import World


def report(world: World, binding: Binding, slot_number: int, at: datetime) -> None:
    """Store the report once, and raise an alarm that names the power banks that are out from the station."""
    return_id = return_id_of(binding.sn, slot_number, at)
    key = unreadable_returns.return_key(return_id)
    out = [rental for rental in rentals.running_at(binding.sn) if rental.state is RentalState.ACTIVE]
    serial_numbers = {sn for rental in out for sn in (rental.powerbank_sn, rental.other_powerbank_sn)}
    possible_sns = tuple(sorted(filter(None, serial_numbers)))

    def decide(ops: Transaction) -> bool:
        if fetch_one(key) is not None:
            return False
        unreadable_returns.save(
            ops, UnreadableReturn(return_id, binding.sn, slot_number, at, possible_sns=possible_sns)
        )
        return True

    if atomic(world, decide):
        log.alarm(
            Alarm.RETURN_UNREADABLE,
            sn=binding.sn,
            slot_number=slot_number,
            sent_at=time_text(at),
            about=return_id,
            powerbank_sn=", ".join(possible_sns) or "none",
        )


def list_in_state(state: UnreadableReturnState, page: NumberedPage) -> tuple[Sequence[UnreadableReturn], int]:
    """A page of the returns in a state, the newest first, and their number, counted up to MAX_LISTED."""
    return page.with_total(unreadable_returns.newest(state, MAX_LISTED))


def assign(world: World, caller: Caller, return_id: str, powerbank_sn: str) -> UnreadableReturn:
    """Record that the power bank came into the slot, and end its rental as of the cabinet's report.

    A repeated call with the same power bank ends the rental if a failure prevented that before. Raises Problem:
    not_found, return_already_assigned.
    """
    key, bank_key = unreadable_returns.return_key(return_id), powerbanks.powerbank_key(powerbank_sn)

    def decide(ops: Transaction) -> UnreadableReturn:
        current_caller = fresh_caller(world, caller, ops)
        rows = fetch(key, bank_key)
        unreadable = must_exist(rows[key])
        if rows[bank_key] is None:
            raise Problem("not_found", what="powerbank")
        if unreadable.state is UnreadableReturnState.ASSIGNED:
            if unreadable.powerbank_sn != powerbank_sn:
                raise Problem("return_already_assigned")
            return unreadable
        assigned = unreadable.assigned(powerbank_sn, by=current_caller.user_id, at=world.now())
        unreadable_returns.save(ops, assigned)
        changes = {
            "before": {"status": unreadable.state},
            "after": {"status": assigned.state, "powerbank_sn": powerbank_sn},
            "station_sn": unreadable.station_sn,
        }
        audit_log.record(
            ops, world, current_caller.user_id, AdminAction("unreadable_return_assigned", return_id, changes)
        )
        return assigned

    assigned = atomic(world, decide)
    _end_rental(world, assigned, powerbank_sn)
    return assigned


def identify(world: World, binding: Binding, slot_number: int, since: datetime, powerbank_sn: str) -> None:
    """Close the return of `since` into the slot: its cabinet has now read which power bank came.

    The rental of the power bank ends as of the return. A return that an operator assigned stays as it is.
    """
    key = unreadable_returns.return_key(return_id_of(binding.sn, slot_number, since))
    bank_key = powerbanks.powerbank_key(powerbank_sn)

    def decide(ops: Transaction) -> UnreadableReturn | None:
        rows = fetch(key, bank_key)
        unreadable = rows[key]
        if unreadable is None or rows[bank_key] is None:
            return None
        if unreadable.state is UnreadableReturnState.OPEN:
            unreadable = unreadable.assigned(powerbank_sn, by=None, at=world.now())
            unreadable_returns.save(ops, unreadable)
        return unreadable if unreadable.assigned_by is None else None

    identified = atomic(world, decide)
    if identified is not None:
        _end_rental(world, identified, powerbank_sn)


def identify_in_place(world: World, binding: Binding, slot_number: int, since: datetime, powerbank_sn: str) -> bool:
    """Close the return of `since` if the power bank that had left the slot is back in it and its rental is over.

    True when no return is open any more. While the return of the power bank is in doubt, an operator can decide.
    """
    key = unreadable_returns.return_key(return_id_of(binding.sn, slot_number, since))
    rows = fetch(key, powerbanks.powerbank_key(powerbank_sn))
    unreadable, powerbank = rows[key], rows[powerbanks.powerbank_key(powerbank_sn)]
    if unreadable is None or unreadable.state is not UnreadableReturnState.OPEN:
        return True
    if powerbank is None or not powerbank.unrented_in_slot:
        return False
    if (powerbank.station_sn, powerbank.slot_number) != (binding.sn, slot_number):
        return False
    identify(world, binding, slot_number, since, powerbank_sn)
    return True


def _end_rental(world: World, assigned: UnreadableReturn, powerbank_sn: str) -> None:
    station_key, bank_key = stations.station_key(assigned.station_sn), powerbanks.powerbank_key(powerbank_sn)
    rows = fetch(station_key, bank_key)
    station = rows[station_key]
    if station is None:
        raise Problem("not_found", what="station")
    slot = Slot(assigned.slot_number, NORMAL, powerbank_sn, unreadable=True)
    binding = Binding(station.imei, station.sn, station.name)
    sighting = Sighting(powerbank_sn, binding, slot, assigned.reported_at, SightingSource.RETURN)
    result = returns.handle_sighting(world, sighting, rows[bank_key])
    log.fact("unreadable_return_assigned", about=assigned.return_id, powerbank_sn=powerbank_sn, status=result.value)
