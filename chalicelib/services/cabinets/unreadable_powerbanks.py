"""Handles a power bank whose number the cabinet can't read, when it comes into a slot."""

from datetime import datetime

from chalicelib.domain.cabinets.cabinet import Binding, Cabinet
from chalicelib.services.cabinets import liveness
from chalicelib.services.rentals import snapshot_requests, unreadable_returns
from chalicelib.tables import cabinets
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


def handle(world: World, binding: Binding, slot_number: int, at: datetime) -> None:
    """Store the return for operators, unless an earlier report did. Then ask the cabinet for a snapshot.

    A snapshot may show the number. A power bank that it lists in its old slot may be the one that came.
    """
    cabinet = fetch_one(cabinets.cabinet_key(binding.sn)) or Cabinet(binding.sn, binding.imei)
    slot = cabinet.slots.get(slot_number)
    if slot is None or not slot.unreadable:
        unreadable_returns.report(world, binding, slot_number, at)
    if liveness.record_unreadable(world, binding, at, slot_number):
        snapshot_requests.request(world, binding)
