"""Unique identities: usernames, phone numbers, e-mail addresses, referral codes and documents.

`services/auth/registration.py` also stores here that an identity had its sign-up bonus. No deletion removes that row.
"""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.problems.problems import Problem
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.conditional_writes import delete_if, put_if
from chalicelib.tables.rows import Key, Row


class IdentityRow(Row):
    """`identity` is `kind#value`. The value of a phone, an e-mail address or a document is a keyed digest."""

    class Meta:
        table_name = "identities"

    identity = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute()


def identity_key(kind: str, value: str) -> Key[str]:
    """The key of an identity. It reads as the user id of its owner."""
    return Key(IdentityRow, f"{kind}#{value}", None, lambda row: str(row.user_id))


def claim_identity(ops: Transaction, kind: str, value: str, user_id: str, *, conflict: Problem | None) -> None:
    """Stage the identity for the user. When it is taken: raises `conflict`, or is stale without one."""
    ops.add(IdentityRow(identity=f"{kind}#{value}", user_id=user_id), conflict=conflict)


def remove_identity(ops: Transaction, kind: str, value: str) -> None:
    ops.remove(IdentityRow(identity=f"{kind}#{value}", user_id=""))


def remove_identity_if_owned(kind: str, value: str, user_id: str) -> None:
    """Delete the identity if this user still owns it."""
    delete_if(IdentityRow(identity=f"{kind}#{value}"), IdentityRow.user_id == user_id)


def ensure_identity(kind: str, value: str, user_id: str) -> None:
    """Create the row if it is absent; never overwrite an existing owner. Raises Problem("storage_unavailable")."""
    put_if(IdentityRow(identity=f"{kind}#{value}", user_id=user_id), IdentityRow.identity.does_not_exist())
