"""Asks the manufacturer's platform whether silent cabinets are online."""

from datetime import datetime, timedelta

from chalicelib import log
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.cabinet import Cabinet
from chalicelib.tables import cabinets as cabinet_rows
from chalicelib.tables import station_listings, stations
from chalicelib.tables.dynamodb import fetch_many
from chalicelib.world import Unavailable, World

MAX_IMEIS_PER_CALL = 50
"""The platform's limit."""


def watch(world: World) -> int:
    """Ask about every cabinet that is stored as online and has sent nothing for `cabinet_quiet_minutes`.

    The message that it went offline may be lost. Returns how many cabinets the platform was asked about.
    """
    silent = [cabinet for page in station_listings.listing_pages() for cabinet in _silent(world, page)]
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


def _silent(world: World, listing_page: str) -> list[Cabinet]:
    quiet = timedelta(minutes=world.settings().cabinet_quiet_minutes)
    cabinets = fetch_many([cabinet_rows.cabinet_key(station.sn) for station in stations.on_page(listing_page)])
    return [
        cabinet for cabinet in cabinets if cabinet.online and world.now() - _last_heard_at(cabinet, world) >= quiet
    ]


def _last_heard_at(cabinet: Cabinet, world: World) -> datetime:
    return max(
        at for at in (cabinet.last_seen_at, cabinet.online_at, world.now() - timedelta(days=1)) if at is not None
    )
