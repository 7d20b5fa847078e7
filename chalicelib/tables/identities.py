"""Unique identities: usernames, phone numbers, e-mail addresses, documents."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.problems import Problem
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.dynamodb import delete_if, put_if
from chalicelib.tables.rows import Key, Row


class IdentityRow(Row):
    """`identity` is `kind#value`; a phone, an address or a document is there as a keyed digest only."""

    class Meta:
        table_name = "identities"

    identity = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()


def identity_key(kind: str, value: str) -> Key[str]:
    """Reads as the user id the identity belongs to."""
    return Key(IdentityRow, f"{kind}#{value}", None, lambda row: str(row.user_id))


def claim_identity(ops: Transaction, kind: str, value: str, user_id: str, *, conflict: Problem | None) -> None:
    """One living user per identity; without `conflict`, one that is taken means that the decision is stale."""
    ops.add(IdentityRow(identity=f"{kind}#{value}", user_id=user_id), conflict=conflict)


def remove_identity(ops: Transaction, kind: str, value: str) -> None:
    ops.remove(IdentityRow(identity=f"{kind}#{value}", user_id=""))


def remove_identity_if_owned(kind: str, value: str, user_id: str) -> None:
    """As long as it is still this user's: whoever took it meanwhile keeps it."""
    delete_if(IdentityRow(identity=f"{kind}#{value}"), IdentityRow.user_id == user_id)


def ensure_identity(kind: str, value: str, user_id: str) -> None:
    """There from now on; one that is there already stays whosever it is. Raises Problem("storage_unavailable")."""
    put_if(IdentityRow(identity=f"{kind}#{value}", user_id=user_id), IdentityRow.identity.does_not_exist())
