"""Passwords of operators, as salted hashes under a keyed digest of the e-mail address."""

from dataclasses import dataclass

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.problems.problems import Problem
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute
from chalicelib.tables.rows import Key, Row, entity, values


@dataclass(frozen=True)
class Credentials:
    """`password` is a scrypt hash in hex, `salt` is hex, `cost` is scrypt's n. Each row has its own cost."""

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


def add(ops: Transaction, credentials: Credentials, *, conflict: Problem | None = None) -> None:
    """Stage the credentials of a new e-mail address. Raises `conflict` when it has some."""
    ops.add(CredentialsRow(**values(credentials)), conflict=conflict)


def put(ops: Transaction, credentials: Credentials) -> None:
    """Stage the credentials, in place of those of the same e-mail address."""
    ops.put(CredentialsRow(**values(credentials)))


def put_over(ops: Transaction, credentials: Credentials, *, checked: Credentials, conflict: Problem) -> None:
    """Stage the credentials in place of those that were `checked`. Raises `conflict` if they were replaced since."""
    salt, password = CredentialsRow.salt, CredentialsRow.password
    unchanged = (salt == checked.salt) & (password == checked.password)
    ops.put_if(CredentialsRow(**values(credentials)), unchanged, conflict=conflict)


def remove(ops: Transaction, email_key: str) -> None:
    ops.discard(CredentialsRow(email_key=email_key))
