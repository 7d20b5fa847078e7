"""Asks a cabinet for a snapshot of all its slots."""

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Binding, Cabinet
from chalicelib.domain.cabinets.cabinet_protocol.commands import check_command
from chalicelib.domain.cabinets.event_log import CommandOutcome
from chalicelib.domain.rentals.rental_station import RentalStation
from chalicelib.services import event_log
from chalicelib.tables import cabinets
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable, World


def request(world: World, cabinet: Binding | Cabinet | RentalStation, rental_id: str | None = None) -> None:
    """Request a snapshot once, for a rental if it is about one.

    A cabinet that can't be reached sends its snapshot later by itself.
    """
    outcome = CommandOutcome.SENT
    try:
        world.cabinets.check(cabinet.imei)
    except (Unavailable, Rejected):
        outcome = CommandOutcome.NOT_SENT
    except OutcomeUnknown:
        outcome = CommandOutcome.UNANSWERED
    if outcome is not CommandOutcome.SENT:
        log.fact("cabinet_silent", sn=cabinet.sn)
    event_log.record_command(world, cabinet.imei, "check", check_command(), outcome, rental_id)


def request_at(world: World, sn: str) -> None:
    """Request a snapshot of a station's cabinet once."""
    cabinet = fetch_one(cabinets.cabinet_key(sn))
    if cabinet is not None:
        request(world, cabinet)
