"""Counts the failed ejects of a slot, and raises an alarm when the slot is set aside."""

from chalicelib import log
from chalicelib.domain.cabinets.slot_faults import SlotFault
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services.best_effort import best_effort
from chalicelib.tables import cabinets
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


def count(world: World, rental: Rental) -> None:
    """Count that the power bank of this rental stayed in its slot. It follows the commit that gave the rental up."""
    best_effort(lambda: _count(world, rental), "failed_eject", rental_id=rental.rental_id)


def _count(world: World, rental: Rental) -> None:
    station = rental.station
    key = cabinets.cabinet_key(station.sn)

    def decide(ops: Transaction) -> SlotFault | None:
        cabinet = fetch_one(key)
        if cabinet is None:
            return None
        after = cabinet.with_failed_eject(station.slot_number, rental.powerbank_sn)
        cabinets.save_cabinet(ops, after)
        return after.slot_faults[station.slot_number]

    fault = atomic(world, decide)
    if fault is not None and fault.failed_ejects == world.settings().slot_max_failed_ejects:
        log.alarm(
            Alarm.SLOT_SET_ASIDE,
            sn=station.sn,
            slot_number=station.slot_number,
            powerbank_sn=rental.powerbank_sn,
            rental_id=rental.rental_id,
        )
