"""The counters of days, as tests compare them."""

import math
from collections.abc import Mapping
from datetime import date

from chalicelib.domain.analytics.day_facts import Series
from chalicelib.domain.analytics.day_recount import DayRecount
from chalicelib.services.analytics import counting, recount
from chalicelib.tables import day_counters, day_recounts
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


def of_day(day: str, series: Series = Series.NETWORK) -> Mapping[str, int]:
    return {name: count for name, count in day_counters.read_days(series, day, day).get(day, {}).items() if count}


def count_and_recount(world: World, day: date) -> DayRecount:
    """Count what waits, then recount due days to their end. Returns the report of a day."""
    counting.count_changed(world)
    while recount.run(world, lambda: math.inf):
        pass
    report = fetch_one(day_recounts.recount_key(day.isoformat()))
    assert report is not None
    return report
