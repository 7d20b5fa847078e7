"""Watching over the cabinets: one that has fallen silent is asked after at the maker's platform."""

from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.cabinet import Cabinet
from chalicelib.tables import cabinets as cabinet_rows
from chalicelib.tables import station_listings, stations
from chalicelib.tables.dynamodb import fetch_many
from chalicelib.world import Unavailable, World

MAX_IMEIS_PER_CALL = 50
"""The platform takes so many names in one question."""


def watch(world: World) -> int:
    """Ask the platform after every cabinet that is thought online and was not heard lately: its going may have been
    told in a message that was lost. Returns how many were asked after."""
    silent = [cabinet for board in station_listings.listing_pages() for cabinet in _silent(world, board)]
    for start in range(0, len(silent), MAX_IMEIS_PER_CALL):
        part = silent[start : start + MAX_IMEIS_PER_CALL]
        try:
            online_by_imei = world.cabinets.online([cabinet.imei for cabinet in part])
        except Unavailable:
            log.alarm(Alarm.PLATFORM_UNAVAILABLE)
            return start
        for cabinet in part:
            if cabinet.imei in online_by_imei:
                cabinet_rows.mark_seen(cabinet.sn, world.now(), online=online_by_imei[cabinet.imei])
    return len(silent)


def _silent(world: World, board: str) -> list[Cabinet]:
    quiet = timedelta(minutes=world.settings().cabinet_quiet_minutes)
    cabinets = fetch_many([cabinet_rows.cabinet_key(station.sn) for station in stations.on_page(board)])
    return [
        cabinet for cabinet in cabinets if cabinet.online and world.now() - _last_heard_at(cabinet, world) >= quiet
    ]


def _last_heard_at(cabinet: Cabinet, world: World) -> datetime:
    return max(
        at for at in (cabinet.last_seen_at, cabinet.online_at, world.now() - timedelta(days=1)) if at is not None
    )
