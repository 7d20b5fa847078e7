"""Broadcasts of operators: each as a row of its own, and the newest ones together in one row, the feed."""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.notifications.broadcast import Audience, Broadcast, BroadcastFeed, Channel
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import DocumentAttribute, EnumAttribute, IntAttribute, TimeAttribute
from chalicelib.tables.newest_first import newest_rows
from chalicelib.tables.rows import Key, Row, entity, values

ALL = "all"


class BroadcastRow(Row):
    """All broadcasts have the same `partition`: they are few, and one query lists the newest."""

    class Meta:
        table_name = "broadcasts"

    partition = UnicodeAttribute(hash_key=True, default=ALL)
    broadcast_id = UnicodeAttribute(range_key=True)
    title = UnicodeAttribute()
    title_ne = UnicodeAttribute()
    message = UnicodeAttribute()
    message_ne = UnicodeAttribute()
    audience = EnumAttribute(Audience)
    channels: DocumentAttribute[tuple[Channel, ...]] = DocumentAttribute(tuple[Channel, ...])
    created_by = UnicodeAttribute()
    created_at = TimeAttribute()


class BroadcastFeedRow(Row):
    """One row: a process reads it together with a caller, once in a while."""

    class Meta:
        table_name = "broadcast_feeds"

    feed = UnicodeAttribute(hash_key=True, default=ALL)
    broadcasts: DocumentAttribute[tuple[Broadcast, ...]] = DocumentAttribute(tuple[Broadcast, ...])
    version = IntAttribute()


def broadcast_key(broadcast_id: str) -> Key[Broadcast]:
    return Key(BroadcastRow, ALL, broadcast_id, lambda row: entity(row, Broadcast))


def feed_key() -> Key[BroadcastFeed]:
    return Key(BroadcastFeedRow, ALL, None, lambda row: entity(row, BroadcastFeed))


def add(ops: Transaction, broadcast: Broadcast) -> None:
    ops.add(BroadcastRow(partition=ALL, **values(broadcast)))


def save_feed(ops: Transaction, feed: BroadcastFeed) -> None:
    """Stage the feed. Stale when another broadcast was sent since it was read."""
    ops.save(BroadcastFeedRow(feed=ALL, **values(feed)), feed.version)


def newest(limit: int) -> list[Broadcast]:
    """At most `limit` broadcasts, newest first. Raises Problem("storage_unavailable")."""
    return [entity(row, Broadcast) for row in newest_rows(BroadcastRow, ALL, limit=limit)]
