"""User rows: the personal data of an account."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.user import User
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DateAttribute, DocumentAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values


class UserRow(Row):
    class Meta:
        table_name = "users"

    user_id = UnicodeAttribute(hash_key=True)
    username = UnicodeAttribute()
    joined_at = TimeAttribute()
    referral_code = UnicodeAttribute()
    phone = UnicodeAttribute(null=True)
    email = UnicodeAttribute(null=True)
    full_name = UnicodeAttribute(null=True)
    date_of_birth = DateAttribute(null=True)
    address = UnicodeAttribute(null=True)
    avatar_url = UnicodeAttribute(null=True)
    language = UnicodeAttribute(null=True)
    favorite_sns: DocumentAttribute[tuple[str, ...]] = DocumentAttribute(tuple[str, ...], null=True)
    version = IntAttribute()


def user_key(user_id: str) -> Key[User]:
    return Key(UserRow, user_id, None, lambda row: entity(row, User))


def save_user(ops: Transaction, user: User) -> None:
    ops.save(UserRow(**values(user)), user.version)


def delete_user(user_id: str) -> None:
    """Delete the personal data. The account row stays; its id says nothing about the person."""
    with storage():
        UserRow(user_id=user_id).delete()
