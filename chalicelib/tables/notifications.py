"""What users were told, newest first, and up to where they have read it."""

from pynamodb.attributes import JSONAttribute, UnicodeAttribute
from pynamodb.indexes import KeysOnlyProjection, LocalSecondaryIndex

from chalicelib.domain.notification import NOTIFICATION_TTL, Notification
from chalicelib.domain.notification_templates import NotificationKind
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import delete_all, delete_if, storage, update_if
from chalicelib.tables.rows import Key, Row, entity, values


class Unread(LocalSecondaryIndex["NotificationRow"]):  # type: ignore[no-untyped-call]
    """Sparse, keys only, and, being local, as consistent as the table: counting it is exact and cheap."""

    class Meta:
        index_name = "unread"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True)
    unread_id = UnicodeAttribute(range_key=True)


class NotificationRow(Row):
    class Meta:
        table_name = "notifications"

    user_id = UnicodeAttribute(hash_key=True)
    notification_id = UnicodeAttribute(range_key=True)
    kind = EnumAttribute(NotificationKind)
    data = JSONAttribute()
    created_at = TimeAttribute()
    unread_id = UnicodeAttribute(null=True)
    expires = IntAttribute()
    unread = Unread()


class ReadMarkRow(Row):
    """Every notification with a smaller id has been read."""

    class Meta:
        table_name = "read_marks"

    user_id = UnicodeAttribute(hash_key=True)
    read_until = UnicodeAttribute()


def notification_key(user_id: str, notification_id: str) -> Key[Notification]:
    return Key(NotificationRow, user_id, notification_id, lambda row: entity(row, Notification))


def mark_key(user_id: str) -> Key[str]:
    """Reads as the id that all smaller ones are read before; absent when nobody marked all."""
    return Key(ReadMarkRow, user_id, None, lambda row: str(row.read_until))


def add(ops: Transaction, notification: Notification) -> None:
    expires = int((notification.created_at + NOTIFICATION_TTL).timestamp())
    ops.add(NotificationRow(**values(notification), expires=expires))


def newest(user_id: str, *, before: str | None, limit: int) -> list[Notification]:
    """Up to `limit`, newest first, with ids smaller than `before`. Raises Problem("storage_unavailable")."""
    older = NotificationRow.notification_id < before if before is not None else None
    with storage():
        rows = NotificationRow.query(
            user_id, older, consistent_read=True, scan_index_forward=False, limit=limit, page_size=limit
        )
        return [entity(row, Notification) for row in rows]


def count_unread(user_id: str, since: str) -> int:
    """Unread ones from the id `since` on, all that are there now."""
    with storage():
        return int(NotificationRow.unread.count(user_id, Unread.unread_id >= since, consistent_read=True))


def unread_ids(user_id: str, since: str) -> list[str]:
    """Unread ones from the id `since` on."""
    with storage():
        rows = NotificationRow.unread.query(user_id, Unread.unread_id >= since, consistent_read=True)
        return [str(row.unread_id) for row in rows]


def read(user_id: str, notification_id: str) -> Notification | None:
    """Mark it read; as it is after, None when it is not there. Read already is fine."""
    row = NotificationRow(user_id, notification_id)
    marked = update_if(row, [NotificationRow.unread_id.remove()], NotificationRow.user_id.exists())
    return entity(row, Notification) if marked else None


def read_until(user_id: str, notification_id: str) -> None:
    """Mark all with smaller ids read; a mark never goes back."""
    mark = ReadMarkRow.read_until
    further = mark.does_not_exist() | (mark < notification_id)
    update_if(ReadMarkRow(user_id), [mark.set(notification_id)], further)


def remove(user_id: str, notification_id: str) -> bool:
    """False when there was none."""
    return delete_if(NotificationRow(user_id, notification_id), NotificationRow.user_id.exists())


def delete_notifications(user_id: str) -> None:
    """All that this user was ever told, and up to where they had read."""
    with storage():
        delete_all(NotificationRow.query(user_id, consistent_read=True))
        ReadMarkRow(user_id).delete()
