"""Notifications by user, and the mark up to which a user has read them."""

from pynamodb.attributes import JSONAttribute, UnicodeAttribute
from pynamodb.indexes import KeysOnlyProjection, LocalSecondaryIndex

from chalicelib.domain.notification import NOTIFICATION_TTL, Notification
from chalicelib.domain.notification_kinds import NotificationKind
from chalicelib.tables.atomic import MAX_ITEMS, Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.conditional_writes import delete_if, update_if
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import Key, Row, entity, values


class Unread(LocalSecondaryIndex["NotificationRow"]):  # type: ignore[no-untyped-call]
    """Unread notifications. A local index is read strongly consistent, so the count is exact."""

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
    """The user has read every notification with an id smaller than `read_until`."""

    class Meta:
        table_name = "read_marks"

    user_id = UnicodeAttribute(hash_key=True)
    read_until = UnicodeAttribute()


def notification_key(user_id: str, notification_id: str) -> Key[Notification]:
    return Key(NotificationRow, user_id, notification_id, lambda row: entity(row, Notification))


def mark_key(user_id: str) -> Key[str]:
    """The key of the read mark. It reads as `read_until`; the row is absent until the user marks all as read."""
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


def unread_ids(user_id: str, since: str, limit: int) -> list[str]:
    """The newest ids of unread notifications from `since` on, at most `limit`, newest first."""
    with storage():
        rows = NotificationRow.unread.query(
            user_id,
            Unread.unread_id >= since,
            consistent_read=True,
            scan_index_forward=False,
            limit=limit,
            page_size=limit,
        )
        return [str(row.unread_id) for row in rows]


def read(user_id: str, notification_id: str) -> Notification | None:
    """Mark a notification read and return it; None when it does not exist."""
    row = NotificationRow(user_id, notification_id)
    marked = update_if(row, [NotificationRow.unread_id.remove()], NotificationRow.user_id.exists())
    return entity(row, Notification) if marked else None


def read_until(user_id: str, notification_id: str) -> None:
    """Mark all notifications with smaller ids read. The mark never moves back."""
    mark = ReadMarkRow.read_until
    further = mark.does_not_exist() | (mark < notification_id)
    update_if(ReadMarkRow(user_id), [mark.set(notification_id)], further)


def remove(user_id: str, notification_id: str) -> bool:
    """Delete a notification. False when it does not exist."""
    return delete_if(NotificationRow(user_id, notification_id), NotificationRow.user_id.exists())


def stage_deletion(ops: Transaction, user_id: str) -> int:
    """Stage the deletion of a user's first MAX_ITEMS notifications. Returns their number."""
    with storage():
        return ops.remove_each(
            NotificationRow.query(user_id, consistent_read=True, limit=MAX_ITEMS, page_size=MAX_ITEMS)
        )


def delete_read_mark(user_id: str) -> None:
    with storage():
        ReadMarkRow(user_id).delete()
