"""Citizenship numbers: no one national format exists, so they are read loosely and kept in one form."""

import re
import unicodedata

from chalicelib.domain.field_notes import note
from chalicelib.domain.phone import ascii_digits
from chalicelib.domain.problems import Problem

PATTERN = re.compile(r"^[0-9][0-9/\-]{2,24}$")
MIN_DIGITS = 4
COMMON_GROUPS = [2, 2, 2, 5]
"""Of the common form, `27-01-70-01234`: of fixed width, so that nothing is lost without what parts them."""
IGNORED_CATEGORIES = frozenset("ZCP")
"""Spaces, invisible marks and punctuation, by the first letter of their Unicode category."""


def document_number(text: str) -> str:
    """The number in ASCII digits, without spaces. Raises Problem("invalid_input")."""
    plain = "".join(ascii_digits(text).split())
    if not PATTERN.match(plain) or sum(character.isdigit() for character in plain) < MIN_DIGITS:
        raise Problem("invalid_input", errors={"document_number": [note("document_number_format")]})
    return plain


def canonical_spelling(number: str, district: str) -> tuple[str, str]:
    """What tells a document from all others, the same however its number and district were typed.

    Which marks part a number's groups says nothing. Where they part them does, but in the common form.
    """
    groups = [group for group in re.split(r"[/-]+", number) if group]
    fixed = [len(group) for group in groups] in (COMMON_GROUPS, [sum(COMMON_GROUPS)])
    plain = unicodedata.normalize("NFKC", district).casefold()
    letters = (item for item in plain if unicodedata.category(item)[0] not in IGNORED_CATEGORIES)
    return ("" if fixed else "-").join(groups), "".join(letters)
