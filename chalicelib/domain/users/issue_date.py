"""Reads the date on which a citizenship certificate was issued."""

import re
import unicodedata
from datetime import date
from typing import Any

from chalicelib.domain.problems.validation_messages import InvalidField
from chalicelib.domain.text.digits import ascii_digits
from chalicelib.domain.text.grouped_digits import SLASHES
from chalicelib.domain.users.bikram_sambat import gregorian, gregorian_or_none

EARLIEST = date(1900, 1, 1)
MAX_LENGTH = 64
WRITTEN = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})", re.ASCII)


def issue_date(text: Any, today: date) -> str:
    """The day as `YYYY-MM-DD` in its own calendar: AD, or Bikram Sambat when the year is in the future.

    Digits of any script count, and so do `/`, `.` and any dash between the parts. Raises InvalidField for a text of
    another form, a day that no calendar has, and a day after `today`.
    """
    match = WRITTEN.fullmatch(_plain(text)) if isinstance(text, str) and len(text) <= MAX_LENGTH else None
    if match is None:
        raise InvalidField("issue_date_format")
    year, month, day = int(match[1]), int(match[3]), int(match[4])
    issued_on = gregorian(year, month, day) if year > today.year else gregorian_or_none(year, month, day)
    if issued_on is None or issued_on < EARLIEST:
        raise InvalidField("date_impossible")
    if issued_on > today:
        raise InvalidField("issue_date_in_future")
    return f"{year:04}-{month:02}-{day:02}"


def _plain(text: str) -> str:
    """ASCII digits, every dash as a hyphen and every slash as `/`, without spaces and invisible marks."""
    return "".join(_plain_character(item) for item in ascii_digits(unicodedata.normalize("NFKC", text)))


def _plain_character(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Pd" or character == "\u2212":
        return "-"
    if character in SLASHES:
        return "/"
    return "" if kind in ("Cf", "Zs") else character
