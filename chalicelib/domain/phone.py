"""Phone numbers."""

import re, unicodedata


def ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) if unicodedata.decimal(c, None) is not None else c for c in text)


def mobile(text: str) -> str | None:
    t = re.sub(r"[\s\-.()]", "", ascii_digits(text))
    m = re.fullmatch(r"(?:\+|00)?(?:977)?0?(9(?:00|6[0-3]|7[0-24-6]|8[0-24-68])\d{7})", t)
    return "+977" + m[1] if m else None
