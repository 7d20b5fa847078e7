"""Decides whether a text shows anything, or only blanks and invisible characters."""

import unicodedata

BLANKS = frozenset("\u2800\u115f\u1160\u3164\uffa0\U00013441\U00013442\U0001d159\ufffc")
"""Letters and symbols without ink: blank Braille, the Hangul fillers, blank hieroglyphs, a note without a head,
and the place of an object that a copied text has lost."""
KINDS_WITH_INK = "LNPS"
"""Letters, numbers, punctuation and symbols. Marks show only on a letter, and joiners only between letters."""


def shows_something(text: str) -> bool:
    """True if at least one character of the text is visible by itself."""
    return any(unicodedata.category(letter)[0] in KINDS_WITH_INK and letter not in BLANKS for letter in text)
