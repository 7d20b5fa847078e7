"""Reachable cabinets and distances between stations."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.cabinets.cabinet import Cabinet
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.stations.geo import distance_km

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "online", "reachable"), [(0, True, True), (24, True, True), (25, True, False), (0, False, False)]
)
def test_a_cabinet_is_reachable_while_its_last_message_is_recent(minutes: int, online: bool, reachable: bool) -> None:
    cabinet = Cabinet("s", "i", online=online, last_seen_at=NOW)
    assert cabinet.reachable(NOW + timedelta(minutes=minutes), Settings()) is reachable


def test_the_distance_from_kathmandu_to_pokhara_is_143_km() -> None:
    assert distance_km(27.7172, 85.3240, 28.2096, 83.9856) == pytest.approx(142.6, abs=0.5)
