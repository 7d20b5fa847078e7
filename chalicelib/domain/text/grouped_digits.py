"""Reads digits and codes that people type in groups: with spaces, dashes, slashes or invisible marks between them."""

import re
import unicodedata

from chalicelib.domain.text.digits import ascii_digits

SLASHES = "/\u2044\u2215\u29f8"
"""The solidus, the fraction slash, the division slash and the big solidus."""
BRACKETS = ("Ps", "Pe")
"""Categories of characters that surround a group, as in `(27) 01-70-01234`."""
BLANK_BRAILLE = "\u2800"
GROUPS = re.compile(r"[0-9](?:[/-]*[0-9])*[/-]*", re.ASCII)


def digits_of(text: str) -> str | None:
    """The ASCII digits of the text, whatever marks stand around and between them. None for a text with a letter."""
    digits = re.sub(r"[/-]", "", _marked(text))
    return digits if re.fullmatch(r"[0-9]+", digits) else None


def letters_and_digits_of(text: str) -> str:
    """The letters and ASCII digits of the text in upper case, without the marks around and between them."""
    return re.sub(r"[/-]", "", _marked(text)).upper()


def split_groups(text: str) -> str | None:
    """The ASCII digits with `/` or `-` where a visible mark stands. Spaces and invisible marks are removed.

    None for a text with a letter, or without a digit at its beginning.
    """
    plain = _marked(text)
    return plain if GROUPS.fullmatch(plain) else None


def _marked(text: str) -> str:
    return "".join(_plain(character) for character in ascii_digits(unicodedata.normalize("NFKC", text)))


def _plain(character: str) -> str:
    """A digit or a letter itself, `/` for a slash, `-` for any other visible mark, nothing for an invisible one.

    A bracket is nothing too.
    """
    if character in SLASHES:
        return "/"
    kind = unicodedata.category(character)
    if kind in BRACKETS:
        return ""
    if kind[0] in "LN":
        return character
    return "-" if kind[0] in "PS" and character != BLANK_BRAILLE else ""
