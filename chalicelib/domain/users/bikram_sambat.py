"""Converts dates of the Bikram Sambat calendar, in which most people in Nepal know their date of birth."""

import re
from datetime import date, timedelta

from chalicelib.domain.problems.validation_messages import InvalidField

FIRST_YEAR, FIRST_DAY = 1975, date(1918, 4, 13)
"""The first day of the first year in the table."""
# fmt: off
MONTH_DAYS_ABOVE_28 = (
    "334432212122", "343432221123", "243432221213", "334333212122", "334432212122",  # from 1975
    "343432221123", "333433122122", "334333212122", "334432212122", "343432221123",  # from 1980
    "333433122122", "334333212122", "343432212122", "343432221123", "333433122122",  # from 1985
    "334333212122", "343432221122", "343432221213", "334333212122", "334333212122",  # from 1990
    "343432221122", "343432221213", "334333212122", "334333212122", "343432221123",  # from 1995
    "243432221213", "334333212122", "334432212122", "343432221123", "243432221213",  # from 2000
    "334333212122", "334432212122", "343432221123", "333433122113", "334333212122",  # from 2005
    "334432212122", "343432221123", "333433122122", "334333212122", "334432212122",  # from 2010
    "343432221123", "333433122122", "334333212122", "343432212122", "343432221213",  # from 2015
    "333433212122", "334333212122", "343432221122", "343432221213", "333433212122",  # from 2020
    "334333212122", "343432221123", "243432221213", "334333212122", "334342212122",  # from 2025
    "343432221123", "243432221213", "334333212122", "334432212122", "343432221123",  # from 2030
    "243433122113", "334333212122", "334432212122", "343432221123", "333433122122",  # from 2035
    "334333212122", "334432212122", "343432221123", "333433122122", "334333212122",  # from 2040
    "343432212122", "343432221123", "333433212122", "334333212122", "343432221122",  # from 2045
    "343432221213", "333433212122", "334333212122", "343432221122", "343432221213",  # from 2050
    "334333212122", "334342212122", "343432221123", "243432221213", "334333212122",  # from 2055
    "334432212122", "343432221123", "333433121213", "334333212122", "334432212122",  # from 2060
    "343432221123", "333433122113", "334333212122", "334432212122", "343432221123",  # from 2065
    "333433122122", "334333212122", "343432212122", "343432221123", "333433212122",  # from 2070
    "334333212122", "343432221122", "343432221213", "333433212122", "334333212122",  # from 2075
    "343432221122", "343432221213", "334333212122", "334333212122", "343432221122",  # from 2080
    "343432221213", "334333212122", "334333212122",  # from 2085
)
# fmt: on
"""By year, how many days each of its twelve months has above 28. The lengths follow no formula: the calendar
committee of Nepal publishes them year by year, in its patro. The years from 2084 on are not published yet. Each has
the months of the year four before, which is right to a day or two, so that their dates are taken meanwhile."""
DATE_FORM = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)


def gregorian(year: int, month: int, day: int) -> date | None:
    """The Gregorian date of a Bikram Sambat date; None when the table has no such day."""
    if not (0 <= year - FIRST_YEAR < len(MONTH_DAYS_ABOVE_28) and 1 <= month <= 12):
        return None
    if not 1 <= day <= _month_lengths(year)[month - 1]:
        return None
    days = sum(sum(_month_lengths(earlier)) for earlier in range(FIRST_YEAR, year)) + sum(
        _month_lengths(year)[: month - 1]
    )
    return FIRST_DAY + timedelta(days=days + day - 1)


def birth_date(text: str, today: date) -> date:
    """The date of birth in `YYYY-MM-DD`: a Gregorian date, or a Bikram Sambat date when the year is in the future.

    Raises InvalidField, whose message names the form that is always accepted.
    """
    match = DATE_FORM.fullmatch(text)
    if match is None:
        raise InvalidField("date_format")
    year, month, day = (int(part) for part in match.groups())
    born_on = gregorian(year, month, day) if year > today.year else gregorian_or_none(year, month, day)
    if born_on is None or born_on > today:
        raise InvalidField("birth_date_in_future" if year >= today.year else "date_impossible")
    return born_on


def _month_lengths(year: int) -> list[int]:
    return [28 + int(days) for days in MONTH_DAYS_ABOVE_28[year - FIRST_YEAR]]


def gregorian_or_none(year: int, month: int, day: int) -> date | None:
    """The Gregorian date of these numbers; None when there is no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
