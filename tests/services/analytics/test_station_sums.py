"""What each station counted, added up over rows that do not all have the same stations and counters."""

from chalicelib.domain.analytics.day_facts import STATION_COUNTERS
from chalicelib.services.analytics.stations import StationSums
from chalicelib.tables.day_counters import StationColumns

NINE = len(STATION_COUNTERS)


def test_rows_with_other_stations_add_to_the_right_ones() -> None:
    sums = StationSums()
    sums.add(StationColumns("2026-11-21", ["a", "c"], [[1, 2]] * NINE))
    sums.add(StationColumns("2026-11-22", ["a", "c"], [[10, 20]] * NINE))
    sums.add(StationColumns("2026-11-22", ["b", "c"], [[5, 100]] * NINE))
    sums.add(StationColumns("2026-11-23", ["c"], [[1_000]]))  # of a version with one counter
    assert [sums.of(sn)["paisa"] for sn in "abc"] == [11, 5, 122]
    assert [sums.of(sn)["started"] for sn in "abc"] == [11, 5, 1_122]
    assert sums.best(2) == ["c", "a"]
