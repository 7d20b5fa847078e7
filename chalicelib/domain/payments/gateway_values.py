"""Sanitises values received from a gateway. Impossible values are treated as missing."""

import re
from typing import Any

from chalicelib.domain.text.money import MAX_PAISA

REFERENCE = re.compile(r"[\x21-\x7e]{1,255}")
MAX_REASON_LENGTH = 100
FLAGS = {"true": True, "1": True, "false": False, "0": False}


def clean_reference(value: Any) -> str | None:
    """A reference of 1 to 255 printable ASCII characters. None for any other value."""
    return value if isinstance(value, str) and REFERENCE.fullmatch(value) else None


def clean_paisa(value: Any) -> int | None:
    """A whole number of paisa from 0 to MAX_PAISA. None for any other value."""
    return value if type(value) is int and 0 <= value <= MAX_PAISA else None


def clean_flag(value: Any) -> bool | None:
    """A boolean, also as 0 or 1 or as the text of one of the four. None for any other value, which says neither."""
    text = str(value).strip().lower() if type(value) in (bool, int, str) else ""
    return FLAGS.get(text)


def clean_reason(text: str) -> str:
    """The first MAX_REASON_LENGTH characters of a gateway's reason, in ASCII."""
    return text[:MAX_REASON_LENGTH].encode("ascii", "backslashreplace").decode()
