"""Reads a gateway's word for the state of a payment, however it is spelt."""

import re
from typing import Any

SEPARATORS = re.compile(r"[\s_-]+")
WENT_BACK = re.compile(r"refund|revers|charge ?back|disput|returned")


def words_of(status: Any) -> str:
    """The status in lower case, its words separated by one space. Empty for a value that is no text."""
    return SEPARATORS.sub(" ", status).strip().lower() if isinstance(status, str) else ""


def went_back(words: str) -> bool:
    """Whether an undocumented status says that money went back, or may have: whole, in part, or in the future."""
    return WENT_BACK.search(words) is not None
