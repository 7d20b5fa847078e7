"""How much of what a gateway says is taken at its word: what nobody could mean is as good as not said."""

import re
from typing import Any

REFERENCE = re.compile(r"[\x21-\x7e]{1,255}")
MAX_PAISA = 10**12
"""Ten thousand million rupees."""
MAX_REASON_LENGTH = 100


def clean_reference(value: Any) -> str | None:
    """A gateway's name for something; None for what is no printable name of a length that keys can have."""
    return value if isinstance(value, str) and REFERENCE.fullmatch(value) else None


def clean_paisa(value: Any) -> int | None:
    """An amount; None for what is no whole number of paisa that anybody could pay."""
    return value if type(value) is int and 0 <= value <= MAX_PAISA else None


def clean_reason(text: str) -> str:
    """A gateway's word for why, as much of it as is fit to be kept."""
    return text[:MAX_REASON_LENGTH].encode("ascii", "backslashreplace").decode()
