"""What people sign in by: a phone number or an e-mail address, read from whatever they wrote."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.email import address
from chalicelib.domain.phone import mobile


class IdentifierKind(StrEnum):
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

    kind: IdentifierKind
    text: str

    @property
    def channel(self) -> Channel:
        return Channel.SMS if self.kind is IdentifierKind.PHONE else Channel.MAIL


def parse_identifier(written: str) -> Identifier | None:
    """None for what is neither."""
    if "@" in unicodedata.normalize("NFKC", written):
        text, kind = address(written), IdentifierKind.EMAIL
    else:
        text, kind = mobile(written), IdentifierKind.PHONE
    return Identifier(kind, text) if text else None
