"""Normalises citizenship numbers. Nepal has no single national format, so the check is loose."""

import re
import unicodedata

from chalicelib.domain.field_notes import note
from chalicelib.domain.phone import ascii_digits
from chalicelib.domain.problems import Problem

PATTERN = re.compile(r"^[0-9][0-9/\-]{2,24}$")
MIN_DIGITS = 4
COMMON_GROUPS = [2, 2, 2, 5]
"""The group lengths of the common form `27-01-70-01234`. They are fixed, so the number needs no separators."""
IGNORED_CATEGORIES = frozenset("ZCP")
"""Spaces, invisible marks and punctuation, by the first letter of their Unicode category."""


def parse_citizenship_number(text: str) -> str:
    """The number in ASCII digits, without spaces. Raises Problem("invalid_input")."""
    plain = "".join(ascii_digits(text).split())
    if not PATTERN.match(plain) or sum(character.isdigit() for character in plain) < MIN_DIGITS:
        raise Problem("invalid_input", errors={"document_number": [note("document_number_format")]})
    return plain


def canonical_spelling(number: str, district: str) -> tuple[str, str]:
    """The number and the district in a form that is equal for every way to write one document.

    The kind of separator does not count. Its place counts, except in the common form.
    """
    groups = [group for group in re.split(r"[/-]+", number) if group]
    fixed = [len(group) for group in groups] in (COMMON_GROUPS, [sum(COMMON_GROUPS)])
    plain = unicodedata.normalize("NFKC", district).casefold()
    letters = (item for item in plain if unicodedata.category(item)[0] not in IGNORED_CATEGORIES)
    return ("" if fixed else "-").join(groups), "".join(letters)
