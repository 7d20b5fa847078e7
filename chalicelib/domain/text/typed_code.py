"""Codes that people type or paste, such as referral codes and coupons, folded to one form."""

import re

from chalicelib.domain.text.grouped_digits import letters_and_digits_of

PLAIN = re.compile(r"[A-Z0-9]+", re.ASCII)
LOOK_ALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТУҮХԚԜӀΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺ",
    "ABESIJKMHOPCTYYXQWIABEZHIKMNOPTYXCM",
)
"""Cyrillic and Greek capitals, and the Latin capitals that look the same."""


def typed_code(text: str) -> str | None:
    """The code in capitals and ASCII digits, without spaces, dashes and invisible marks between them.

    Full-width and other styled letters, digits of other scripts, and Cyrillic and Greek letters that look like Latin
    ones count as what they look like. None for a text with any other letter, or without one.
    """
    code = letters_and_digits_of(text).translate(LOOK_ALIKES)
    return code if PLAIN.fullmatch(code) else None
