"""E-mail addresses, in whatever form people write them: one spelling for one mailbox, as far as anybody may know."""

import re
import unicodedata

from chalicelib.domain.phone import ascii_digits

MAX_LENGTH, MAX_LOCAL_LENGTH = 254, 64
"""RFC 5321, 4.5.3.1, and what fits its path of 256."""
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Marks that come along when an address is copied; within one they are refused."""
IDNA_DEVIATIONS = "ßς"
"""The two standards of such domains (IDNA 2003, which Python speaks, and 2008) make other domains of these."""
ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL = re.compile(rf"{ATOM}(?:\.{ATOM})*", re.ASCII)
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?:{LABEL}\.)+(?=[a-z])[a-z0-9-]{{1,62}}[a-z0-9]", re.ASCII)
"""Two labels at least; the last has two characters and begins with a letter: no IP address does."""


def address(text: str) -> str | None:
    """The address in ASCII and lower case; None for what is none, and for quoted names and IP literals.

    A domain in another script becomes its IDNA form. A name in another script is refused: few servers take one.
    """
    if len(text) > MAX_LENGTH:
        return None
    plain = ascii_digits(unicodedata.normalize("NFKC", text)).strip().strip(INVISIBLE).strip().lower()
    local, at, domain = plain.rpartition("@")
    if not at or len(plain) > MAX_LENGTH or len(local) > MAX_LOCAL_LENGTH or not LOCAL.fullmatch(local):
        return None
    ascii_domain = _idna(domain)
    if ascii_domain is None or not DOMAIN.fullmatch(ascii_domain) or len(local) + 1 + len(ascii_domain) > MAX_LENGTH:
        return None
    return f"{local}@{ascii_domain}"


def _idna(domain: str) -> str | None:
    if any(character in INVISIBLE or character in IDNA_DEVIATIONS for character in domain):
        return None
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
