"""Digits of any script as ASCII digits."""

import unicodedata


def ascii_digits(text: str) -> str:
    """The text with every decimal digit of any script (Devanagari, full-width ...) replaced by the ASCII digit."""
    if text.isascii():
        return text
    return "".join(_ascii(character) for character in text)


def _ascii(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
