"""The newest broadcasts, which each process keeps in memory for a short time."""

from datetime import timedelta

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.notifications.broadcast import Broadcast, BroadcastFeed, ReceivedBroadcast
from chalicelib.domain.notifications.notification import ReadMark
from chalicelib.services.caller import Caller
from chalicelib.services.warm_cache import WarmCache
from chalicelib.tables import broadcasts
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import Key
from chalicelib.world import World

CACHE_TTL = timedelta(seconds=30)
"""A new broadcast is in every list after this time at the latest. It is shorter than MAX_COMMIT_DELAY: *mark all*
covers older items only, so it never marks a broadcast that its process has not read."""
feed_cache: WarmCache[BroadcastFeed] = WarmCache()


def prefetch_keys(world: World) -> tuple[Key[BroadcastFeed], ...]:
    """The key of the feed, to be read with the caller, when the feed in memory is missing or too old."""
    return () if feed_cache.is_fresh(world.now(), CACHE_TTL) else (broadcasts.feed_key(),)


def feed(world: World, caller: Caller) -> BroadcastFeed:
    """The feed. `caller` was read with `prefetch_keys`. Raises Problem("storage_unavailable")."""

    def load() -> BroadcastFeed:
        key = broadcasts.feed_key()
        return (caller.rows[key] if key in caller.rows else fetch_one(key)) or BroadcastFeed()

    return feed_cache.get(world.now(), CACHE_TTL, load)


def read_again(world: World) -> BroadcastFeed:
    """The feed as it is stored now. Raises Problem("storage_unavailable")."""
    feed_cache.clear()
    return feed_cache.get(world.now(), CACHE_TTL, lambda: fetch_one(broadcasts.feed_key()) or BroadcastFeed())


def received(feed: BroadcastFeed, account: Account, mark: ReadMark, since: str) -> list[ReceivedBroadcast]:
    """The broadcasts in a user's list with ids from `since` on, newest first."""
    return [
        ReceivedBroadcast(
            broadcast, None if broadcast.broadcast_id in mark.read_broadcasts else broadcast.broadcast_id
        )
        for broadcast in feed.broadcasts
        if _is_listed(broadcast, account, mark) and broadcast.broadcast_id >= since
    ]


def _is_listed(broadcast: Broadcast, account: Account, mark: ReadMark) -> bool:
    return broadcast.is_shown_to(account) and broadcast.broadcast_id not in mark.hidden_broadcasts
