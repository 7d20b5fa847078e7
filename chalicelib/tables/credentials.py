"""How operators sign in: a salted hash, by a keyed digest of the e-mail."""

from dataclasses import dataclass

from pynamodb.attributes import UnicodeAttribute

from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute
from chalicelib.tables.rows import Key, Row, entity, values


@dataclass(frozen=True)
class Credentials:
    """`password` is a scrypt hash, hex; `salt` is hex; `cost` is scrypt's n, so that new hashes may cost more."""

    email_key: str
    user_id: str
    email: str
    salt: str
    password: str
    cost: int


class CredentialsRow(Row):
    class Meta:
        table_name = "credentials"

    email_key = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()
    email = UnicodeAttribute()
    salt = UnicodeAttribute()
    password = UnicodeAttribute()
    cost = IntAttribute()


def credentials_key(email_key: str) -> Key[Credentials]:
    return Key(CredentialsRow, email_key, None, lambda row: entity(row, Credentials))


def add(ops: Transaction, credentials: Credentials) -> None:
    ops.add(CredentialsRow(**values(credentials)))
