"""Notifications by user, and the mark up to which a user has read them."""

from collections.abc import Collection

from pynamodb.attributes import JSONAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import KeysOnlyProjection, LocalSecondaryIndex

from chalicelib.domain.notifications.notification import NOTIFICATION_TTL, Notification, ReadMark
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.conditional_writes import delete_if, update_if
from chalicelib.tables.dynamodb import storage
from chalicelib.tables.newest_first import newest_rows
from chalicelib.tables.rows import Key, Row, entity, values


class UnreadNotifications(LocalSecondaryIndex["NotificationRow"]):  # type: ignore[no-untyped-call]
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
    unread = UnreadNotifications()


class ReadMarkRow(Row):
    """What a user has read and hidden, as `ReadMark` says. It is absent until the user marks or deletes something."""

    class Meta:
        table_name = "read_marks"

    user_id = UnicodeAttribute(hash_key=True)
    read_until = UnicodeAttribute(null=True)
    read_broadcasts = UnicodeSetAttribute(null=True)
    hidden_broadcasts = UnicodeSetAttribute(null=True)


def notification_key(user_id: str, notification_id: str) -> Key[Notification]:
    return Key(NotificationRow, user_id, notification_id, lambda row: entity(row, Notification))


def mark_key(user_id: str) -> Key[ReadMark]:
    return Key(ReadMarkRow, user_id, None, lambda row: entity(row, ReadMark))


def add(ops: Transaction, notification: Notification) -> None:
    expires = int((notification.created_at + NOTIFICATION_TTL).timestamp())
    ops.add(NotificationRow(**values(notification), expires=expires))


def newest(user_id: str, *, before: str | None, limit: int) -> list[Notification]:
    """Up to `limit`, newest first, with ids smaller than `before`. Raises Problem("storage_unavailable")."""
    older = NotificationRow.notification_id < before if before is not None else None
    return [entity(row, Notification) for row in newest_rows(NotificationRow, user_id, older, limit=limit)]


def unread_ids(user_id: str, since: str, limit: int) -> list[str]:
    """The newest ids of unread notifications from `since` on, at most `limit`, newest first."""
    rows = newest_rows(NotificationRow.unread, user_id, UnreadNotifications.unread_id >= since, limit=limit)
    return [str(row.unread_id) for row in rows]


def mark_read(user_id: str, notification_id: str) -> Notification | None:
    """Mark a notification read and return it; None when it does not exist."""
    row = NotificationRow(user_id, notification_id)
    marked = update_if(row, [NotificationRow.unread_id.remove()], NotificationRow.user_id.exists())
    return entity(row, Notification) if marked else None


def mark_read_until(user_id: str, notification_id: str, broadcast_ids: Collection[str] = ()) -> None:
    """Mark all notifications with smaller ids read, and these broadcasts. The mark never moves back."""
    mark = ReadMarkRow.read_until
    further = mark.does_not_exist() | (mark <= notification_id)
    marks = [ReadMarkRow.read_broadcasts.add(set(broadcast_ids))] if broadcast_ids else []
    if not update_if(ReadMarkRow(user_id), [mark.set(notification_id), *marks], further) and marks:
        update_if(ReadMarkRow(user_id), marks, mark.exists())


def mark_broadcast_read(user_id: str, broadcast_id: str, expired_before: str) -> bool:
    """Mark a broadcast read. False when the user has deleted it."""
    return _add_broadcast(ReadMarkRow.read_broadcasts, user_id, broadcast_id, expired_before)


def hide_broadcast(user_id: str, broadcast_id: str, expired_before: str) -> bool:
    """Delete a broadcast for this user. False when the user has deleted it before."""
    return _add_broadcast(ReadMarkRow.hidden_broadcasts, user_id, broadcast_id, expired_before)


def _add_broadcast(marks: UnicodeSetAttribute, user_id: str, broadcast_id: str, expired_before: str) -> bool:
    """Add the broadcast to the marks, and remove marks with ids smaller than `expired_before` from the row."""
    row = ReadMarkRow(user_id)
    if not update_if(row, [marks.add({broadcast_id})], ~ReadMarkRow.hidden_broadcasts.contains(broadcast_id)):
        return False
    sets = (ReadMarkRow.read_broadcasts, row.read_broadcasts), (ReadMarkRow.hidden_broadcasts, row.hidden_broadcasts)
    expired = [(of, {marked_id for marked_id in ids or () if marked_id < expired_before}) for of, ids in sets]
    removals = [of.delete(ids) for of, ids in expired if ids]
    if removals:
        update_if(ReadMarkRow(user_id), removals, ReadMarkRow.user_id.exists())
    return True


def remove(user_id: str, notification_id: str) -> bool:
    """Delete a notification. False when it does not exist."""
    return delete_if(NotificationRow(user_id, notification_id), NotificationRow.user_id.exists())


def stage_deletion(ops: Transaction, user_id: str) -> int:
    """Stage the deletion of a user's first MAX_ITEMS notifications. Returns their number."""
    return ops.remove_first(NotificationRow, user_id)


def delete_read_mark(user_id: str) -> None:
    with storage():
        ReadMarkRow(user_id).delete()
