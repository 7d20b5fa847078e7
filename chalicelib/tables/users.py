"""User rows: the personal data of an account."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.users.user import User
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DateAttribute, DocumentAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import due_in, storage
from chalicelib.tables.newest_first import LATEST, OLDEST, newest_positions
from chalicelib.tables.rows import Key, KeysOnlyIndex, Row, SparseIndex, entity, shard_of, values


class UsersWithReminder(SparseIndex, name="with_reminder"):
    """Users who are reminded of their incomplete profile, by the time of the next reminder."""

    reminder_shard = UnicodeAttribute(hash_key=True)
    reminder_at = TimeAttribute(range_key=True)


class AllUsers(KeysOnlyIndex, name="newest"):
    """All users by shard and id, for the list of operators. Ids sort by the time of registration."""

    list_shard = UnicodeAttribute(hash_key=True)
    user_id = UnicodeAttribute(range_key=True)


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
    reminder_shard = UnicodeAttribute(null=True)
    reminder_at = TimeAttribute(null=True)
    list_shard = UnicodeAttribute()
    version = IntAttribute()
    with_reminder = UsersWithReminder()
    newest = AllUsers()


def user_key(user_id: str) -> Key[User]:
    return Key(UserRow, user_id, None, lambda row: entity(row, User))


def save_user(ops: Transaction, user: User) -> None:
    ops.save(user_row(user), user.version)


def user_row(user: User) -> UserRow:
    shard = shard_of(user.user_id)
    reminder_shard = shard if user.reminder_at is not None else None
    return UserRow(**values(user), reminder_shard=reminder_shard, list_shard=shard)


def newest_ids(*, before: str | None, limit: int) -> list[str]:
    """The ids of the newest users, older than `before`. It names no user of the last second for certain."""
    older = LATEST if before is None else before
    rows = newest_positions(UserRow.newest, UserRow.user_id, after=OLDEST, before=older, limit=limit + 1)
    return [str(row.user_id) for row in rows if row.user_id != before][:limit]


def with_reminder_due(now: datetime, limit: int) -> list[User]:
    """Users whose reminder is due by `now`."""
    due = due_in(
        UserRow.with_reminder, lambda row: user_key(row.user_id), now, limit, at=UsersWithReminder.reminder_at
    )
    return [user for user in due if user.reminder_at is not None and user.reminder_at <= now]


def delete_user(user_id: str) -> None:
    """Delete the personal data. The account row stays; its id says nothing about the person."""
    with storage():
        UserRow(user_id=user_id).delete()
