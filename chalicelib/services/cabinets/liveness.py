"""Watching over the cabinets: one that has fallen silent is asked after at the maker's platform."""

from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.station import Cabinet
from chalicelib.tables import stations
from chalicelib.tables.store import fetch_many
from chalicelib.world import Away, World

MOST_ASKED = 50
"""The platform takes so many names in one question."""


def watch(world: World) -> int:
    """Ask the platform after every cabinet that is thought online and was not heard lately: its going may have been
    told in a message that was lost. Returns how many were asked after."""
    silent = [cabinet for board in stations.board_numbers() for cabinet in _silent(world, board)]
    for start in range(0, len(silent), MOST_ASKED):
        part = silent[start : start + MOST_ASKED]
        try:
            told = world.cabinets.online([cabinet.imei for cabinet in part])
        except Away:
            log.alarm("platform_away")
            return start
        for cabinet in part:
            if cabinet.imei in told:
                stations.seen(cabinet.sn, world.now(), online=told[cabinet.imei])
    return len(silent)


def _silent(world: World, board: str) -> list[Cabinet]:
    quiet = timedelta(minutes=world.settings().cabinet_quiet_minutes)
    cabinets = fetch_many([stations.cabinet_key(station.sn) for station in stations.on_board(board)])
    return [cabinet for cabinet in cabinets if cabinet.online and world.now() - _heard(cabinet, world) >= quiet]


def _heard(cabinet: Cabinet, world: World) -> datetime:
    return max(
        at for at in (cabinet.last_seen_at, cabinet.online_at, world.now() - timedelta(days=1)) if at is not None
    )
