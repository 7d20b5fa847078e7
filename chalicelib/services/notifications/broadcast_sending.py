"""Operators send broadcasts, and list those that were sent."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chalicelib import log
from chalicelib.domain.notifications.broadcast import Audience, Broadcast, BroadcastFeed, Channel
from chalicelib.domain.notifications.quiet_hours import wait_for_morning
from chalicelib.domain.operators.admin_action import AdminAction
from chalicelib.domain.operators.numbered_page import MAX_LISTED, NumberedPage
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.domain.text.time_text import time_text
from chalicelib.services import audit_log, idempotency
from chalicelib.services.caller import Caller, fresh_caller
from chalicelib.services.notifications import broadcast_feed, broadcast_push
from chalicelib.tables import broadcasts
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.world import World


@dataclass(frozen=True)
class BroadcastOrder:
    """What an operator orders. `texts` are `title`, `title_ne`, `message` and `message_ne`."""

    texts: Mapping[str, str]
    audience: Audience
    channels: tuple[Channel, ...]
    again: bool = False
    """Send it though the same was just sent."""

    def broadcast(self, world: World, broadcast_id: str, sent_by: str) -> Broadcast:
        return Broadcast(
            broadcast_id,
            audience=self.audience,
            channels=self.channels,
            created_by=sent_by,
            created_at=world.now(),
            **self.texts,
        )


def send(world: World, caller: Caller, order: BroadcastOrder) -> Broadcast:
    """Store a broadcast once, in the audit log and in the feed too, whatever the number of its readers.

    Raises Problem("broadcast_just_sent") when the same was sent within REPEAT_TIME, unless it is ordered `again`.
    """
    if caller.earlier_resource_id is not None:
        return _earlier(caller.earlier_resource_id)
    broadcast_id = world.new_id()

    def decide(ops: Transaction) -> Broadcast:
        current_caller = fresh_caller(world, caller, ops)
        feed = fetch_one(broadcasts.feed_key()) or BroadcastFeed()
        broadcast = order.broadcast(world, broadcast_id, current_caller.user_id)
        if not order.again and any(broadcast.repeats(earlier) for earlier in feed.broadcasts):
            raise Problem("broadcast_just_sent")
        broadcasts.add(ops, broadcast)
        broadcasts.save_feed(ops, feed.plus(broadcast))
        _record(ops, world, broadcast)
        if Channel.PUSH in broadcast.channels:
            broadcast_push.stage_all(ops, world, broadcast_id, after=wait_for_morning(world.now(), world.settings()))
        idempotency.claim(ops, world, current_caller.idempotency, broadcast_id)
        return broadcast

    broadcast = atomic(world, decide)
    broadcast_feed.feed_cache.clear()
    log.fact("broadcast_sent", about=broadcast_id)
    return broadcast


def listing(page: NumberedPage) -> tuple[Sequence[Broadcast], int]:
    """A page of the broadcasts, newest first, and their number, counted up to MAX_LISTED."""
    return page.with_total(broadcasts.newest(MAX_LISTED))


def _earlier(broadcast_id: str) -> Broadcast:
    return must_exist(fetch_one(broadcasts.broadcast_key(broadcast_id)))


def _record(ops: Transaction, world: World, broadcast: Broadcast) -> None:
    facts: dict[str, Any] = asdict(broadcast) | {
        "audience": broadcast.audience.value,
        "channels": [channel.value for channel in broadcast.channels],
        "created_at": time_text(broadcast.created_at),
    }
    changes = {"before": None, "after": facts}
    audit_log.record(ops, world, broadcast.created_by, AdminAction("broadcast_sent", broadcast.broadcast_id, changes))
