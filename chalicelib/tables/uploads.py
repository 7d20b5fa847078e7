"""Uploads by user."""

from collections.abc import Iterator
from datetime import datetime

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.users.upload import Purpose, Upload, UploadState
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.dynamodb import due_in, storage
from chalicelib.tables.rows import Key, Row, WaitingIndex, entity, shard_of, values

PAGE = 100


class UploadsWaiting(WaitingIndex, name="waiting"):
    """Uploads that the sweep has to check."""


class UploadRow(Row):
    class Meta:
        table_name = "uploads"

    user_id = UnicodeAttribute(hash_key=True)
    upload_id = UnicodeAttribute(range_key=True)
    kind = UnicodeAttribute()
    purpose = EnumAttribute(Purpose)
    public_id = UnicodeAttribute()
    private = BooleanAttribute()
    created_at = TimeAttribute()
    next_check_at = TimeAttribute(null=True)
    state = EnumAttribute(UploadState)
    format = UnicodeAttribute(null=True)
    bytes_count = IntAttribute(null=True)
    direct = BooleanAttribute()
    shard = UnicodeAttribute(null=True)
    wait_until = TimeAttribute(null=True)
    version = IntAttribute()
    waiting = UploadsWaiting()


def upload_key(user_id: str, upload_id: str) -> Key[Upload]:
    return Key(UploadRow, user_id, upload_id, lambda row: entity(row, Upload))


def save(ops: Transaction, upload: Upload) -> None:
    row = UploadRow(**values(upload))
    if upload.next_check_at is not None:
        row.shard, row.wait_until = shard_of(upload.upload_id), upload.next_check_at
    ops.save(row, upload.version, sole_creator=True)


def remove(ops: Transaction, upload: Upload) -> None:
    """Stage the deletion. Stale when the upload has changed since it was read."""
    ops.remove(UploadRow(user_id=upload.user_id, upload_id=upload.upload_id), version=upload.version)


def of_user(user_id: str) -> list[Upload]:
    """All of a user's uploads, oldest first. The read is strongly consistent."""
    return [*each_of_user(user_id)]


def each_of_user(user_id: str) -> Iterator[Upload]:
    """A user's uploads like `of_user`, read a page at a time."""
    with storage():
        for row in UploadRow.query(user_id, consistent_read=True, page_size=PAGE):
            yield entity(row, Upload)


def due(now: datetime, limit: int) -> list[Upload]:
    """Uploads that the sweep of each hour has to check by `now`."""
    uploads = due_in(
        UploadRow.waiting, lambda row: upload_key(row.user_id, row.upload_id), now, limit, every_minutes=60
    )
    return [upload for upload in uploads if upload.next_check_at is not None and upload.next_check_at <= now]
