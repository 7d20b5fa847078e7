"""Chooses the power bank that a station ejects for a rental, and stages the order of its eject."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.cabinets.event_log import CommandOutcome
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.cabinets.powerbank_choice import choose_powerbank
from chalicelib.domain.cabinets.slot import Slot
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.stations.station import Station
from chalicelib.services import event_log
from chalicelib.services.rentals import eject_entries
from chalicelib.tables import powerbanks, stations
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import fetch_many
from chalicelib.world import World


def choose(
    world: World, station_sn: str, slots: Sequence[Slot], wanted_sn: str | None = None
) -> tuple[Slot, Powerbank] | None:
    """The best of the ready `slots` whose power bank its row allows to rent, with that row. None where there is none.

    With `wanted_sn` only the slot of that power bank.
    """
    banks = fetch_many([powerbanks.powerbank_key(slot.powerbank_sn) for slot in slots if slot.powerbank_sn])
    by_sn = {powerbank.powerbank_sn: powerbank for powerbank in banks if powerbank.station_sn == station_sn}
    return choose_powerbank(slots, by_sn, wanted_sn=wanted_sn, now=world.now(), settings=world.settings())


def stage(ops: Transaction, world: World, rental: Rental, station: Station, powerbank: Powerbank) -> None:
    """Stage what the eject of a rental needs: its power bank, the station's turn, and the command in the event log.

    The caller stages the rental, and sends the command after the commit.
    """
    powerbanks.save_powerbank(ops, powerbank.reserved(rental.rental_id, rental.user_id))
    busy_until = rental.requested_at + timedelta(seconds=world.settings().station_busy_seconds)
    stations.save(ops, replace(station, ejecting_rental_id=rental.rental_id, ejecting_until=busy_until))
    event_log.stage_command(ops, eject_entries.entry(rental, CommandOutcome.ORDERED))
