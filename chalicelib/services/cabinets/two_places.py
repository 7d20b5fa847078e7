"""Reports a power bank that a cabinet lists although it is stored at another place."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.cabinets.cabinet import Binding
from chalicelib.domain.cabinets.powerbank import Powerbank
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.services.rentals import snapshot_requests
from chalicelib.tables import powerbanks
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World

LATE_SNAPSHOT = timedelta(minutes=1)
"""How long after a power bank moved a snapshot from before the move may arrive."""


def check_other(world: World, powerbank: Powerbank, binding: Binding) -> None:
    """Ask the station that the power bank moved from for a snapshot. It may still list the power bank."""
    if powerbank.station_sn is None or powerbank.station_sn == binding.sn:
        return
    snapshot_requests.request_at(world, powerbank.station_sn)


def report(world: World, powerbank_sn: str, binding: Binding, at: datetime, *, read_after_move: bool = False) -> None:
    """Raise one alarm, and none again until the power bank moves. Until then no customer can rent it.

    A snapshot soon after the move counts if the cabinet surely read its slots after it.
    """
    late = timedelta() if read_after_move else LATE_SNAPSHOT
    key = powerbanks.powerbank_key(powerbank_sn)

    def decide(ops: Transaction) -> str | None:
        powerbank = fetch_one(key)
        if powerbank is None or powerbank.two_places_at is not None or at - powerbank.moved_at < late:
            return None
        powerbanks.save_powerbank(ops, replace(powerbank, two_places_at=at))
        return powerbank.rental_id or "none"

    rental_id = atomic(world, decide)
    if rental_id is not None:
        log.alarm(Alarm.POWERBANK_IN_TWO_PLACES, powerbank_sn=powerbank_sn, sn=binding.sn, rental_id=rental_id)
