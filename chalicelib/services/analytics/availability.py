"""Counts once an hour which stations are online, so that their availability can be shown."""

from functools import partial

from chalicelib.domain.analytics.day_facts import FactKey, Facts, Series
from chalicelib.domain.stations.station import StationStatus
from chalicelib.domain.stations.station_filter import StationFilter
from chalicelib.domain.text.days import KATHMANDU
from chalicelib.services.stations import station_views
from chalicelib.tables import day_counters
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World

SHARD = "0"


def count_online(world: World) -> bool:
    """Count every station as the listing shows it, unless this hour has its sample. Returns whether it was counted.

    A run that is late counts no hour that has passed. Raises Problem("storage_unavailable").
    """
    hour = world.now().astimezone(KATHMANDU).strftime("%Y-%m-%dT%H")
    key = day_counters.sample_key(hour)
    if fetch_one(key) is not None:
        return False
    return atomic(world, partial(_decide, world, hour))


def _decide(world: World, hour: str, ops: Transaction) -> bool:
    if ops.attempt and fetch_one(day_counters.sample_key(hour)) is not None:
        return False
    facts = _facts(world, hour)
    day_counters.stage_additions(ops, SHARD, facts)
    return bool(facts)


def _facts(world: World, hour: str) -> Facts:
    day, stations = hour.partition("T")[0], list(station_views.listing(world).after("", StationFilter()))
    online = [station for station in stations if station.status is StationStatus.ONLINE]
    facts = {FactKey(Series.STATIONS, day, f"{station.sn}:samples"): 1 for station in stations}
    facts |= {FactKey(Series.STATIONS, day, f"{station.sn}:online"): 1 for station in online}
    return facts | ({FactKey(Series.SAMPLES, hour, "stations"): len(stations)} if stations else {})
