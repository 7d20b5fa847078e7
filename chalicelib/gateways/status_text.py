"""Compares the text of a payment's status at a gateway, however it is spelt."""

import re
from typing import Any

SEPARATORS = re.compile(r"[\s_-]+")
WENT_BACK = re.compile(r"refund|revers|charge ?back|disput|returned")


def status_text(status: Any) -> str:
    """The status in lower case, its words separated by one space. Empty for a value that is no text."""
    return SEPARATORS.sub(" ", status).strip().lower() if isinstance(status, str) else ""


def says_money_went_back(status: str) -> bool:
    """Whether an undocumented status says that money went back, or may have: whole, in part, or in the future."""
    return WENT_BACK.search(status) is not None
