"""What people sign in by: a phone number or an e-mail address, read from whatever they wrote."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.email import address
from chalicelib.domain.phone import mobile


class Kind(StrEnum):
    """Which of the two. Also the kind of the row that says whose it is."""

    PHONE = "phone"
    EMAIL = "email"


class Channel(StrEnum):
    """How a code gets there."""

    SMS = "sms"
    MAIL = "mail"


@dataclass(frozen=True)
class Identifier:
    """`text` is the one way we write it: E.164, or an address in lower-case ASCII."""

    kind: Kind
    text: str

    @property
    def channel(self) -> Channel:
        return Channel.SMS if self.kind is Kind.PHONE else Channel.MAIL


def read(written: str) -> Identifier | None:
    """None for what is neither."""
    if "@" in unicodedata.normalize("NFKC", written):
        found, kind = address(written), Kind.EMAIL
    else:
        found, kind = mobile(written), Kind.PHONE
    return Identifier(kind, found) if found else None
