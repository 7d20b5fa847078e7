"""Scores by category, and the months and weeks of Kathmandu that they belong to."""

from datetime import UTC, date, datetime

import pytest

from chalicelib.domain.accounts.score import NO_COUNTS, Category, Counts, Period, first_day_of_week, returns

SUNDAY = datetime(2026, 11, 28, 18, 15, tzinfo=UTC)
"""The first moment of Sunday, 29 November, in Kathmandu."""
SATURDAY = datetime(2026, 11, 28, 18, 14, 59, tzinfo=UTC)


def test_the_overall_score_adds_what_each_fact_is_worth() -> None:
    counts = Counts(rentals=7, referrals=2, on_time=4, late=3, points=119)
    assert counts.score(Category.OVERALL) == 70 + 40 + 20 - 15 + 11
    assert counts.scores == (126, 7, 119, 2, 4)


def test_no_score_is_below_zero() -> None:
    assert Counts(rentals=-1, late=2, points=-5).scores == (0, 0, 0, 0, 0)


def test_a_week_begins_on_sunday_in_kathmandu() -> None:
    assert Period.WEEKLY.id_at(SATURDAY) == "2026-11-22"
    assert Period.WEEKLY.id_at(SUNDAY) == "2026-11-29"
    assert [first_day_of_week(date(2026, 11, day)).day for day in range(22, 30)] == [22] * 7 + [29]


def test_a_month_begins_at_midnight_in_kathmandu() -> None:
    assert Period.MONTHLY.id_at(datetime(2026, 12, 31, 18, 14, tzinfo=UTC)) == "2026-12"
    assert Period.MONTHLY.id_at(datetime(2026, 12, 31, 18, 15, tzinfo=UTC)) == "2027-01"


def test_a_fact_counts_in_the_week_in_which_it_happened() -> None:
    recent = NO_COUNTS.after(SATURDAY, Counts(points=10)).after(SUNDAY, Counts(points=3))
    assert recent.week.counts_in("2026-11-29") == Counts(points=3)
    assert recent.month.counts_in("2026-11") == Counts(points=13)


def test_a_late_message_about_an_earlier_week_counts_in_no_later_one() -> None:
    recent = NO_COUNTS.after(SUNDAY, Counts(points=3)).after(SATURDAY, Counts(points=10))
    assert recent.week.counts_in("2026-11-29") == Counts(points=3)


@pytest.mark.parametrize("on_time", [True, False])
def test_a_return_that_is_taken_back_leaves_nothing(on_time: bool) -> None:
    recent = NO_COUNTS.after(SUNDAY, returns(1, on_time=on_time)).after(SUNDAY, returns(-1, on_time=on_time))
    assert recent.week.counts == Counts()
