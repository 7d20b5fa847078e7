"""Stages notifications in the transaction of their event, lists them, marks them as read, and deletes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from chalicelib.domain.notifications.broadcast import Broadcast, ReceivedBroadcast
from chalicelib.domain.notifications.notification import (
    MAX_COMMIT_DELAY,
    NOTIFICATION_TTL,
    Notification,
    ReadMark,
    first_id_at,
    next_id_after,
)
from chalicelib.domain.notifications.notification_kinds import NotificationKind
from chalicelib.domain.notifications.notification_templates import TEMPLATES
from chalicelib.domain.notifications.quiet_hours import wait_for_morning
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.days import ALWAYS, Span
from chalicelib.domain.users.user import User
from chalicelib.services import event_log, outbox
from chalicelib.services.caller import Caller
from chalicelib.services.filtered_pages import ListPart, read_matching
from chalicelib.services.notifications import broadcast_feed
from chalicelib.tables import notifications, users
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.rows import Key
from chalicelib.world import World

T = TypeVar("T")
Item = Notification | ReceivedBroadcast
"""What the list of a user holds."""
MAX_SINGLE_MARKS = 25
"""The most notifications that one request marks one by one."""
MAX_UNREAD_COUNT = 100
"""Unread notifications are counted up to here, so that a count takes one call. An app shows it as "99+"."""


@dataclass(frozen=True)
class NotificationPage:
    """Notifications, the cursor of the next page (None at the end), and the number of all unread ones, counted up to
    MAX_UNREAD_COUNT."""

    notifications: list[Item]
    following: str | None
    unread_count: int
    read_until: str


def notify(ops: Transaction, world: World, user_id: str, kind: NotificationKind, data: Mapping[str, Any]) -> None:
    """Stage a notification in the caller's transaction: one item, one more for a kind that pushes, and one more for
    a rental, in the event log.

    `data` holds the values that the kind's texts name: ids, amounts as `_paisa`, an operator's text. It holds no
    secret.
    """
    notification_id = world.new_id()
    notification = Notification(user_id, notification_id, kind, dict(data), world.now(), unread_id=notification_id)
    notifications.add(ops, notification)
    if "rental_id" in data:
        event_log.stage_notification(ops, world, str(data["rental_id"]), kind.value, notification_id)
    template = TEMPLATES[kind]
    if template.pushes:
        body = {"user_id": user_id, "notification_id": notification_id}
        wait = None if template.urgent else wait_for_morning(world.now(), world.settings())
        outbox.stage(ops, world, outbox.PUSH, f"push:{notification_id}", body, after=wait)


def prefetch_keys(user_id: str) -> tuple[Key[User], Key[ReadMark]]:
    """The keys of the rows that a list reads with the caller: the user, for the language, and the read mark."""
    return users.user_key(user_id), notifications.mark_key(user_id)


def list_keys(world: World, user_id: str) -> tuple[Key[Any], ...]:
    """As `prefetch_keys`, with the feed of broadcasts when it must be read."""
    return *prefetch_keys(user_id), *broadcast_feed.prefetch_keys(world)


def listing(
    world: World,
    caller: Caller,
    *,
    limit: int,
    before: str | None,
    matches: Callable[[Item, bool], bool],
    span: Span = ALWAYS,
) -> NotificationPage:
    """Notifications and broadcasts of `span`, older than `before`, for which `matches` is true, newest first.
    `matches` gets one of them, and whether it is read.

    `caller` was read with `list_keys`.
    """
    mark = caller.rows[notifications.mark_key(caller.user_id)] or ReadMark()
    since, until = _ids_of(world, span)
    feed = broadcast_feed.feed(world, caller)
    match, following = _older(
        caller.user_id,
        limit,
        min(filter(None, (before, until)), default=None),
        broadcast_feed.received(feed, caller.account, mark, since),
        since,
        lambda item: matches(item, item.is_read(mark.read_until)),
    )
    unread_broadcasts = [
        item
        for item in broadcast_feed.received(feed, caller.account, mark, _oldest_id(world))
        if not item.is_read(mark.read_until)
    ]
    unread_count = min(_unread(world, caller.user_id, mark.read_until) + len(unread_broadcasts), MAX_UNREAD_COUNT)
    return NotificationPage(match, following, unread_count, mark.read_until)


def mark_read(world: World, caller: Caller, notification_id: str) -> Item:
    """Mark a notification or a broadcast as read. Raises Problem("not_found")."""

    read: Callable[[str, str], Item | None] = notifications.mark_read

    def of_broadcast(broadcast: Broadcast) -> Item | None:
        if notifications.mark_broadcast_read(caller.user_id, broadcast.broadcast_id, _oldest_id(world)):
            return ReceivedBroadcast(broadcast, None)
        return None

    item = _in_list(world, caller, notification_id, read, of_broadcast)
    if item is None:
        raise Problem("not_found")
    return item


def mark_all_read(world: World, caller: Caller) -> int:
    """Mark all present notifications as read. Returns the number of unread ones afterwards.

    A mark covers all that are older than a minute, broadcasts too. Younger ones are marked one by one: a notification
    with an older id may not be committed yet, and the mark would make it read before the user sees it. When more than
    MAX_SINGLE_MARKS are younger, the mark covers them too, so that the number of calls is bounded. The write of the
    mark names the younger broadcasts.
    """
    mark_id = first_id_at(world.now() - MAX_COMMIT_DELAY)
    young_ids = notifications.unread_ids(caller.user_id, mark_id, MAX_SINGLE_MARKS + 1)
    if len(young_ids) > MAX_SINGLE_MARKS:
        mark_id = next_id_after(young_ids[0])
        young_ids = []
    young_broadcasts = broadcast_feed.received(
        broadcast_feed.feed(world, caller), caller.account, ReadMark(), since=mark_id
    )
    notifications.mark_read_until(caller.user_id, mark_id, [item.notification_id for item in young_broadcasts])
    for notification_id in young_ids:
        notifications.mark_read(caller.user_id, notification_id)
    return _unread(world, caller.user_id, mark_id)


def delete(world: World, caller: Caller, notification_id: str) -> None:
    """Delete a notification, or hide a broadcast from this user. Raises Problem("not_found")."""

    def of_broadcast(broadcast: Broadcast) -> bool:
        return notifications.hide_broadcast(caller.user_id, broadcast.broadcast_id, _oldest_id(world))

    if not _in_list(world, caller, notification_id, notifications.remove, of_broadcast):
        raise Problem("not_found")


def _in_list(
    world: World,
    caller: Caller,
    item_id: str,
    of_notification: Callable[[str, str], T],
    of_broadcast: Callable[[Broadcast], T],
) -> T | None:
    """The outcome of a change to one item of the list. It is falsy or None when the list does not hold the item.

    An id that names neither a broadcast in memory nor a notification may name a broadcast that was just sent.
    """
    if not _is_live(world, item_id):
        return None
    broadcast = broadcast_feed.feed(world, caller).broadcast(item_id)
    outcome = of_notification(caller.user_id, item_id) if broadcast is None else None
    if broadcast is None and not outcome:
        broadcast = broadcast_feed.read_again(world).broadcast(item_id)
    if broadcast is not None and broadcast.is_shown_to(caller.account):
        outcome = of_broadcast(broadcast)
    return outcome


def _ids_of(world: World, span: Span) -> tuple[str, str | None]:
    """The smallest id of a span, and the smallest id after it."""
    oldest = _oldest_id(world)
    since = oldest if span.start is None else max(oldest, first_id_at(span.start))
    return since, None if span.end is None else first_id_at(span.end + timedelta(milliseconds=1))


def _older(
    user_id: str,
    limit: int,
    before: str | None,
    broadcasts: Sequence[ReceivedBroadcast],
    since: str,
    matches: Callable[[Item], bool],
) -> tuple[list[Item], str | None]:
    def read_part(behind: str | None) -> ListPart[str, Item]:
        part = notifications.newest(user_id, before=behind, limit=limit + 1)
        is_last = len(part) <= limit
        merged = _merged(part, broadcasts, behind, "" if is_last else part[-1].notification_id)
        inside = [item for item in merged if item.notification_id >= since]
        more_follow = not is_last and len(inside) == len(merged)
        return ListPart([(item.notification_id, item) for item in inside], more_follow)

    return read_matching(read_part, before, limit, matches)


def _merged(
    page: Sequence[Notification], broadcasts: Sequence[ReceivedBroadcast], before: str | None, since: str
) -> list[Item]:
    """A page of notifications and the broadcasts of the same time, newest first."""
    of_page = [
        item for item in broadcasts if item.notification_id >= since and (not before or item.notification_id < before)
    ]
    return sorted([*page, *of_page], key=lambda item: item.notification_id, reverse=True)


def _unread(world: World, user_id: str, read_until: str) -> int:
    return len(notifications.unread_ids(user_id, max(read_until, _oldest_id(world)), MAX_UNREAD_COUNT))


def _is_live(world: World, notification_id: str) -> bool:
    """Whether the notification has not expired. Its row is removed some time later."""
    return notification_id >= _oldest_id(world)


def _oldest_id(world: World) -> str:
    return first_id_at(world.now() - NOTIFICATION_TTL)
