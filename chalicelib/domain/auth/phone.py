"""Normalises Nepali mobile numbers."""

import re
import unicodedata

from chalicelib.domain.text.digits import ascii_digits

COUNTRY = "+977"
MOBILE = re.compile(r"^(?:\+977|00977|977)?0?(9(?:00|6[0-3]|7[0-24-6]|8[0-24-68])[0-9]{7})$", re.ASCII)
"""The mobile ranges of the public numbering plan. The SMS provider fines messages to numbers outside them."""
PUNCTUATION = re.compile(r"[\s\-.()/\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Punctuation, and the dashes and invisible marks that an address book copies along."""
MAX_LENGTH = 40


def parse_mobile_number(text: str) -> str | None:
    """E.164: `+977` and ten digits. None for text that is not a Nepali mobile number."""
    if len(text) > MAX_LENGTH:
        return None
    plain = PUNCTUATION.sub("", ascii_digits(unicodedata.normalize("NFKC", text)))
    match = MOBILE.match(plain)
    return COUNTRY + match[1] if match else None
