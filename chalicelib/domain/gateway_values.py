"""How much of what a gateway says is taken at its word: what nobody could mean is as good as not said."""

import re
from typing import Any

REFERENCE = re.compile(r"[\x21-\x7e]{1,255}")
MOST_PAISA = 10**12
"""Ten thousand million rupees."""
LONGEST_REASON = 100


def reference_of(said: Any) -> str | None:
    """A gateway's name for something; None for what is no printable name of a length that keys can have."""
    return said if isinstance(said, str) and REFERENCE.fullmatch(said) else None


def paisa_of(said: Any) -> int | None:
    """An amount; None for what is no whole number of paisa that anybody could pay."""
    return said if type(said) is int and 0 <= said <= MOST_PAISA else None


def reason_of(said: str) -> str:
    """A gateway's word for why, as much of it as is fit to be kept."""
    return said[:LONGEST_REASON].encode("ascii", "backslashreplace").decode()
