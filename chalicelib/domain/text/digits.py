"""Digits of any script as ASCII digits, and numbers without an exponent."""

import unicodedata
from decimal import Decimal


def ascii_digits(text: str) -> str:
    """The text with every decimal digit of any script (Devanagari, full-width ...) replaced by the ASCII digit."""
    if text.isascii():
        return text
    return "".join(_ascii(character) for character in text)


def _ascii(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def number_text(number: float) -> str:
    """A coordinate or another measure, never money, without an exponent: -1e-06 is `-0.000001`, which a spreadsheet
    does not take for a formula."""
    return f"{Decimal(repr(number)):f}"
