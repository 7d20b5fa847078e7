"""Citizenship numbers: no one national format exists, so they are read loosely and kept in one form."""

import re

from chalicelib.domain.phone import ascii_digits
from chalicelib.domain.problems import Problem

PATTERN = re.compile(r"^[0-9][0-9/\-]{2,24}$")
LEAST_DIGITS = 4


def document_number(text: str) -> str:
    """The number in ASCII digits, without spaces. Raises Problem("invalid_input")."""
    plain = "".join(ascii_digits(text).split())
    if not PATTERN.match(plain) or sum(character.isdigit() for character in plain) < LEAST_DIGITS:
        raise Problem("invalid_input", errors={"document_number": ["not a citizenship number"]})
    return plain
