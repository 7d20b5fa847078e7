"""`python -m bench.station_reports`: time and memory of the analytics report of stations, the longest allowed."""

import argparse
import random
import time
import tracemalloc
from datetime import timedelta

from bench.scenario import BenchScenario, started
from chalicelib.domain.analytics.day_facts import STATION_COUNTERS, Series
from chalicelib.domain.analytics.report_period import MAX_STATION_REPORT_DAYS, ReportPeriod
from chalicelib.domain.text.days import day_of
from chalicelib.services.analytics import reports, stations
from chalicelib.tables import day_counters
from chalicelib.tables.day_counters import DayCounterRow
from chalicelib.tables.rows import SHARDS


def store(scenario: BenchScenario, count: int, days: int) -> None:
    """Nine counters of that many stations in each shard, as if every station had rentals of every shard each day."""
    today = day_of(scenario.world.now())
    numbers = random.Random(1)
    for shard in range(SHARDS):
        sns = [40_000_000 + number for number in range(count) if numbers.randrange(50)]
        content = day_counters.packed(
            {f"{sn}:{name}": numbers.randrange(1, 98) for sn in sns for name in STATION_COUNTERS}
        )
        for back in range(days):
            day = (today - timedelta(days=back)).isoformat()
            DayCounterRow(f"{Series.STATIONS}#{shard}", day, content=content, version=1, write_id="bench").save()


def main() -> None:
    """Prints the time of a report, then the most memory that it holds."""
    parser = argparse.ArgumentParser(prog="python -m bench.station_reports", description=__doc__)
    parser.add_argument("--stations", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=MAX_STATION_REPORT_DAYS)
    arguments = parser.parse_args()
    with started("dynoxide") as scenario:
        store(scenario, arguments.stations, arguments.days)
        span = reports.span_of(scenario.world, ReportPeriod.MONTHLY, None, None, arguments.days)
        began, began_cpu = time.monotonic(), time.process_time()
        stations.added_up(span)
        seconds, cpu_seconds = time.monotonic() - began, time.process_time() - began_cpu
        tracemalloc.start()
        stations.added_up(span)
        _, peak = tracemalloc.get_traced_memory()
    print(f"{arguments.stations:,} stations, {arguments.days} days: {cpu_seconds:.1f} s of CPU")
    print(f"{seconds:.1f} s, {peak / 1e6:.0f} MB at most")


if __name__ == "__main__":
    main()
