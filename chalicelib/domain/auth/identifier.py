"""Sign-in identifiers: phone numbers and email addresses in normalised form."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.auth.email import parse_email_address
from chalicelib.domain.auth.phone import parse_mobile_number


class IdentifierKind(StrEnum):
    """The kind of an identifier, and of the identity row that names its owner."""

    PHONE = "phone"
    EMAIL = "email"


class Channel(StrEnum):
    """The channel that a code is sent by."""

    SMS = "sms"
    MAIL = "mail"


@dataclass(frozen=True)
class Identifier:
    """`text` is normalised: E.164 for a phone number, lower-case ASCII for an email address."""

    kind: IdentifierKind
    text: str

    @property
    def channel(self) -> Channel:
        return Channel.SMS if self.kind is IdentifierKind.PHONE else Channel.MAIL


def parse_identifier(written: str) -> Identifier | None:
    """None for text that is neither a phone number nor an email address."""
    if "@" in unicodedata.normalize("NFKC", written):
        text, kind = parse_email_address(written), IdentifierKind.EMAIL
    else:
        text, kind = parse_mobile_number(written), IdentifierKind.PHONE
    return Identifier(kind, text) if text else None
