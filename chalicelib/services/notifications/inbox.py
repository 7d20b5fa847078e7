"""Stages notifications in the transaction of their event, lists them, marks them as read, and deletes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.domain.days import ALWAYS, Span
from chalicelib.domain.notification import (
    MAX_COMMIT_DELAY,
    NOTIFICATION_TTL,
    Notification,
    first_id_at,
    next_id_after,
)
from chalicelib.domain.notification_kinds import NotificationKind
from chalicelib.domain.notification_templates import TEMPLATES
from chalicelib.domain.problems import Problem
from chalicelib.domain.quiet_hours import wait_for_morning
from chalicelib.domain.user import User
from chalicelib.services import event_log, outbox
from chalicelib.services.caller import Caller
from chalicelib.tables import notifications, users
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.rows import Key
from chalicelib.world import World

MAX_SINGLE_MARKS = 25
"""The most notifications that one request marks one by one."""
MAX_UNREAD_COUNT = 100
"""Unread notifications are counted up to here, so that a count takes one call. An app shows it as "99+"."""
MAX_PAGES = 5
"""The most pages read for one response. A narrow filter gives a short page with a cursor."""


@dataclass(frozen=True)
class NotificationPage:
    """Notifications, the cursor of the next page (None at the end), and the number of all unread ones, counted up to
    MAX_UNREAD_COUNT."""

    notifications: list[Notification]
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


def prefetch_keys(user_id: str) -> tuple[Key[User], Key[str]]:
    """The keys of the rows that a list reads with the caller: the user, for the language, and the read mark."""
    return users.user_key(user_id), notifications.mark_key(user_id)


def listing(
    world: World,
    caller: Caller,
    *,
    limit: int,
    before: str | None,
    matches: Callable[[Notification, bool], bool],
    span: Span = ALWAYS,
) -> NotificationPage:
    """Notifications of `span`, older than `before`, for which `matches` is true, newest first. `matches` gets a
    notification, and whether it is read.

    `caller` was read with `prefetch_keys`.
    """
    read_until = caller.rows[notifications.mark_key(caller.user_id)] or ""
    since, until = _ids_of(world, span)
    match, following = _older(
        caller.user_id,
        limit,
        min(filter(None, (before, until)), default=None),
        since,
        lambda notification: matches(notification, notification.is_read(read_until)),
    )
    return NotificationPage(match, following, _unread(world, caller.user_id, read_until), read_until)


def mark_read(world: World, caller: Caller, notification_id: str) -> Notification:
    """Mark a notification as read. Raises Problem("not_found")."""
    notification = notifications.read(caller.user_id, notification_id) if _is_live(world, notification_id) else None
    if notification is None:
        raise Problem("not_found")
    return notification


def mark_all_read(world: World, caller: Caller) -> int:
    """Mark all present notifications as read. Returns the number of unread ones afterwards.

    A mark covers all that are older than a minute. Younger ones are marked one by one: a notification with an older
    id may not be committed yet, and the mark would make it read before the user sees it. When more than
    MAX_SINGLE_MARKS are younger, the mark covers them too, so that the number of calls is bounded.
    """
    mark_id = first_id_at(world.now() - MAX_COMMIT_DELAY)
    young_ids = notifications.unread_ids(caller.user_id, mark_id, MAX_SINGLE_MARKS + 1)
    if len(young_ids) > MAX_SINGLE_MARKS:
        mark_id = next_id_after(young_ids[0])
        young_ids = []
    notifications.read_until(caller.user_id, mark_id)
    for notification_id in young_ids:
        notifications.read(caller.user_id, notification_id)
    return _unread(world, caller.user_id, mark_id)


def delete(world: World, caller: Caller, notification_id: str) -> None:
    """Raises Problem("not_found")."""
    if not _is_live(world, notification_id) or not notifications.remove(caller.user_id, notification_id):
        raise Problem("not_found")


def _ids_of(world: World, span: Span) -> tuple[str, str | None]:
    """The smallest id of a span, and the smallest id after it."""
    oldest = _oldest_id(world)
    since = oldest if span.start is None else max(oldest, first_id_at(span.start))
    return since, None if span.end is None else first_id_at(span.end + timedelta(milliseconds=1))


def _older(
    user_id: str, limit: int, before: str | None, since: str, matches: Callable[[Notification], bool]
) -> tuple[list[Notification], str | None]:
    match: list[Notification] = []
    for _ in range(MAX_PAGES):
        page = notifications.newest(user_id, before=before, limit=limit + 1)
        for index, notification in enumerate(page):
            if notification.notification_id < since:
                return match, None
            before = notification.notification_id
            if matches(notification):
                match.append(notification)
                if len(match) == limit:
                    # A full page may have more behind it, even if this was the last item read.
                    return match, before if index + 1 < len(page) or len(page) > limit else None
        if len(page) <= limit:
            return match, None
    return match, before


def _unread(world: World, user_id: str, read_until: str) -> int:
    return len(notifications.unread_ids(user_id, max(read_until, _oldest_id(world)), MAX_UNREAD_COUNT))


def _is_live(world: World, notification_id: str) -> bool:
    """Whether the notification has not expired. Its row is removed some time later."""
    return notification_id >= _oldest_id(world)


def _oldest_id(world: World) -> str:
    return first_id_at(world.now() - NOTIFICATION_TTL)
