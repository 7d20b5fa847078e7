"""Asks a cabinet for a snapshot of all its slots."""

from chalicelib import log
from chalicelib.domain.cabinet import Binding, Cabinet
from chalicelib.domain.rental import RentalStation
from chalicelib.tables import cabinets
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import OutcomeUnknown, Rejected, Unavailable, World


def request(world: World, cabinet: Binding | Cabinet | RentalStation) -> None:
    """Request a snapshot once. A cabinet that can't be reached sends its snapshot later by itself."""
    try:
        world.cabinets.check(cabinet.imei)
    except (Unavailable, Rejected, OutcomeUnknown):
        log.fact("cabinet_silent", sn=cabinet.sn)


def request_at(world: World, sn: str) -> None:
    """Request a snapshot of a station's cabinet once."""
    cabinet = fetch_one(cabinets.cabinet_key(sn))
    if cabinet is not None:
        request(world, cabinet)
