"""The night, in which pushes that are not urgent wait."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.notifications.quiet_hours import wait_for_morning
from chalicelib.domain.text.days import KATHMANDU


@pytest.mark.parametrize(
    ("hour", "minute", "wait"),
    [
        (21, 59, None),
        (22, 0, timedelta(hours=9)),
        (0, 0, timedelta(hours=7)),
        (6, 59, timedelta(minutes=1)),
        (7, 0, None),
        (12, 0, None),
    ],
)
def test_a_push_waits_from_ten_in_the_evening_to_seven(hour: int, minute: int, wait: timedelta | None) -> None:
    at = datetime(2026, 11, 29, hour, minute, tzinfo=KATHMANDU).astimezone(UTC)
    assert wait_for_morning(at, Settings()) == wait


def test_quiet_hours_may_lie_within_one_day_or_be_none() -> None:
    noon = datetime(2026, 11, 29, 12, tzinfo=KATHMANDU)
    siesta = replace(Settings(), push_quiet_from_hour=11, push_quiet_until_hour=13)
    assert wait_for_morning(noon, siesta) == timedelta(hours=1)
    assert wait_for_morning(noon, replace(siesta, push_quiet_from_hour=13)) is None
