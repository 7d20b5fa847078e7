"""Normalises email addresses, so that one mailbox has one spelling."""

import re
import unicodedata

from chalicelib.domain.text.digits import ascii_digits

MAX_LENGTH, MAX_LOCAL_LENGTH = 254, 64
"""The limit of RFC 5321, section 4.5.3.1, within its path of 256 characters."""
INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
"""Characters that often surround a copied address. Within an address they are refused."""
IDNA_DEVIATIONS = "ßς"
"""IDNA 2003 (which Python implements) and IDNA 2008 map domains with these characters to different domains."""
ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL = re.compile(rf"{ATOM}(?:\.{ATOM})*", re.ASCII)
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?:{LABEL}\.)+(?=[a-z])[a-z0-9-]{{1,62}}[a-z0-9]", re.ASCII)
"""At least two labels. The last one has at least two characters and begins with a letter, unlike an IP address."""


def parse_email_address(text: str) -> str | None:
    """The address in lower-case ASCII; None for an invalid address, a quoted local part or an IP literal.

    A domain in another script becomes its IDNA form. A local part in another script is refused, since few servers
    accept one.
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
