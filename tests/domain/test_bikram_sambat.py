"""Bikram Sambat dates: converted as history has them, and taken as dates of birth."""

from datetime import date, timedelta

import pytest

from chalicelib.domain.problems.validation_messages import InvalidField
from chalicelib.domain.users.bikram_sambat import FIRST_DAY, FIRST_YEAR, MONTH_DAYS_ABOVE_28, birth_date, gregorian

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        (1990, 10, 2, date(1934, 1, 15)),  # the earthquake of 1990 B.S.
        (2000, 1, 1, date(1943, 4, 14)),
        (2007, 11, 7, date(1951, 2, 18)),  # Democracy Day
        (2017, 9, 1, date(1960, 12, 15)),  # the king dismisses the government
        (2046, 12, 26, date(1990, 4, 8)),  # the ban on parties ends
        (2047, 7, 23, date(1990, 11, 9)),  # the constitution of 2047 B.S.
        (2052, 1, 31, date(1995, 5, 14)),
        (2058, 2, 19, date(2001, 6, 1)),  # the royal massacre
        (2063, 1, 11, date(2006, 4, 24)),  # Loktantra Day
        (2065, 2, 15, date(2008, 5, 28)),  # Republic Day
        (2072, 1, 12, date(2015, 4, 25)),  # the earthquake of 2072 B.S.
        (2072, 6, 3, date(2015, 9, 20)),  # the constitution of 2072 B.S.
        (2077, 1, 1, date(2020, 4, 13)),
        (2080, 1, 1, date(2023, 4, 14)),
        (2082, 1, 1, date(2025, 4, 14)),
        (2084, 1, 1, date(2027, 4, 14)),
        (2082, 7, 6, date(2025, 10, 23)),  # Bhai Tika of 2082 B.S.
    ],
)
def test_a_known_day_is_converted(year: int, month: int, day: int, expected: date) -> None:
    assert gregorian(year, month, day) == expected


def test_every_day_follows_the_one_before_it() -> None:
    expected = FIRST_DAY
    for year, extra_days in enumerate(MONTH_DAYS_ABOVE_28, start=FIRST_YEAR):
        assert len(extra_days) == 12
        assert sum(28 + int(extra) for extra in extra_days) in (364, 365, 366)
        for month, extra in enumerate(extra_days, start=1):
            assert gregorian(year, month, 1) == expected
            assert gregorian(year, month, 28 + int(extra) + 1) is None
            expected += timedelta(days=28 + int(extra))


@pytest.mark.parametrize(
    ("year", "month", "day"), [(1974, 1, 1), (2088, 1, 1), (2052, 0, 1), (2052, 13, 1), (2052, 1, 0), (2052, 1, 32)]
)
def test_a_day_that_is_not_in_the_table_has_no_date(year: int, month: int, day: int) -> None:
    assert gregorian(year, month, day) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1995-05-14", date(1995, 5, 14)),
        ("2026-11-23", TODAY),
        ("2052-01-31", date(1995, 5, 14)),
        ("2052-03-32", date(1995, 7, 16)),
        ("2083-08-07", TODAY),
    ],
)
def test_a_date_of_birth_may_be_in_either_calendar(text: str, expected: date) -> None:
    assert birth_date(text, TODAY) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-11-24", "birth_date_in_future"),
        ("2083-08-08", "birth_date_in_future"),
        ("2052-01-33", "birth_date_in_future"),
        ("2999-01-01", "birth_date_in_future"),
        ("1995-02-30", "date_impossible"),
        ("1995-13-01", "date_impossible"),
        ("1995-5-1", "date_format"),
    ],
)
def test_what_is_no_date_of_birth_is_refused_with_its_note(text: str, code: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        birth_date(text, TODAY)
    assert refusal.value.message.code == code
