"""Folds text for a search: different spellings of the same words become equal."""

import unicodedata

CANDRABINDU, ANUSVARA = 0x0901, 0x0902
DEVANAGARI_ZERO = 0x0966
INVISIBLE = (
    *(0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
)
"""Joiners, directions, soft hyphens and variation selectors."""
FOLDED = {
    **dict.fromkeys(INVISIBLE),
    # Nepali writers use the two for each other: काठमाडौँ, काठमाडौं.
    CANDRABINDU: ANUSVARA,
    **{DEVANAGARI_ZERO + digit: str(digit) for digit in range(10)},
}


def search_text(text: str) -> str:
    """The text in composed lower case with single spaces, without joiners, with anusvara for candrabindu and ASCII
    digits for Devanagari ones. Text that is folded twice stays the same."""
    composed = unicodedata.normalize("NFKC", text.translate(FOLDED))
    return " ".join(unicodedata.normalize("NFKC", composed.casefold()).split())
