"""Times of day and lengths of time, as people in Kathmandu read them."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.text.clock_text import clock_text, duration_text, whole_minutes

WRITTEN_AT = datetime(2026, 11, 29, 6, 0, tzinfo=UTC)
"""11:45 in Kathmandu."""


@pytest.mark.parametrize(
    ("at", "english", "nepali"),
    [
        (datetime(2026, 11, 29, 9, 0, tzinfo=UTC), "2:45 PM", "दिउँसो २:४५"),
        (datetime(2026, 11, 29, 6, 15, tzinfo=UTC), "12:00 PM", "दिउँसो १२:००"),
        (datetime(2026, 11, 29, 14, 5, tzinfo=UTC), "7:50 PM", "बेलुका ७:५०"),
        (datetime(2026, 11, 29, 18, 15, tzinfo=UTC), "12:00 AM tomorrow", "भोलि राति १२:००"),
        (datetime(2026, 11, 30, 4, 30, tzinfo=UTC), "10:15 AM tomorrow", "भोलि बिहान १०:१५"),
        (datetime(2026, 12, 1, 4, 30, tzinfo=UTC), "10:15 AM on 1 Dec", "१ डिसेम्बर बिहान १०:१५"),
    ],
)
def test_a_time_is_in_kathmandu_and_names_another_day(at: datetime, english: str, nepali: str) -> None:
    assert (clock_text(at, "en", WRITTEN_AT), clock_text(at, "ne", WRITTEN_AT)) == (english, nepali)


@pytest.mark.parametrize(
    ("minutes", "english", "nepali"),
    [(0, "0 min", "० मिनेट"), (59, "59 min", "५९ मिनेट"), (60, "1 h", "१ घण्टा"), (80, "1 h 20 min", "१ घण्टा २० मिनेट")],
)
def test_a_length_of_time_leaves_out_what_is_zero(minutes: int, english: str, nepali: str) -> None:
    assert (duration_text(minutes, "en"), duration_text(minutes, "ne")) == (english, nepali)


def test_a_started_minute_counts() -> None:
    assert whole_minutes(timedelta(seconds=61)) == 2
    assert whole_minutes(timedelta(minutes=2)) == 2
