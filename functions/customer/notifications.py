"""What users were told: /api/user/notifications."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.notification import Notification
from chalicelib.domain.notification_templates import Topic
from chalicelib.edge import pagination
from chalicelib.edge.authentication import caller
from chalicelib.edge.formats import Time
from chalicelib.edge.language import language_for
from chalicelib.edge.models import Asked, Listed, PageAsked, Told
from chalicelib.edge.parsing import body, path_text, query
from chalicelib.edge.responses import Answer, in_rupees, ok
from chalicelib.services.caller import Caller
from chalicelib.services.notifications import inbox
from chalicelib.wiring import world
from functions.routing import doors
from functions.schemas import time_text
from functions.tags import Tag

routes = doors(__name__, Tag.NOTIFICATIONS)


class NotificationsAsked(PageAsked):
    type: Annotated[Topic | None, Field(description="Only notifications of this type")] = None
    is_read: Annotated[
        Literal["true", "false"] | None,
        Field(description="Only those that are read, or only those that are not"),
    ] = None


class NotificationView(Told):
    id: str
    type: Topic
    title: str
    message: str
    data: Annotated[dict[str, Any], Field(description="Ids and amounts the notification is about")]
    is_read: bool
    created_at: Time


class Notifications(Listed[NotificationView]):
    unread_count: int


class MarkRead(Asked):
    """No fields."""


class MarkAllRead(Asked):
    """No fields."""


class AllRead(Told):
    unread_count: int


class Deleted(Told):
    id: str


@routes.get("/api/user/notifications", query=NotificationsAsked, answer=Notifications)
def listing() -> Answer:
    """What the user was told in the last half year, newest first."""
    asked = query(routes, NotificationsAsked)
    who = _reader()

    def wanted(one: Notification, is_read: bool) -> bool:
        return asked.type in (None, one.telling.topic) and asked.is_read in (None, "true" if is_read else "false")

    position = pagination.opened(routes, who.user_id, asked)
    before = str(position["before"]) if position else None
    page = inbox.listing(world(), who, limit=asked.limit, before=before, wanted=wanted)
    following = page.following and pagination.sealed(routes, who.user_id, asked, {"before": page.following})
    language = _language(who)
    views = [notification_view(one, language, is_read=one.is_read(page.read_until)) for one in page.notifications]
    listed = Listed[NotificationView].of(views, following)
    return ok(Notifications(**dict(listed), unread_count=page.unread_count))


@routes.post("/api/user/notification/{notification_id}", asks=MarkRead, answer=NotificationView)
def mark_read(notification_id: str) -> Answer:
    """Mark one as read."""
    who = _reader()
    body(routes, MarkRead)
    found = inbox.mark_read(world(), who, path_text(notification_id))
    return ok(notification_view(found, _language(who), is_read=True))


@routes.delete("/api/user/notification/{notification_id}", answer=Deleted)
def delete(notification_id: str) -> Answer:
    """Delete one."""
    who = caller(routes)
    known = path_text(notification_id)
    inbox.delete(world(), who, known)
    return ok(Deleted(id=known))


@routes.post("/api/user/notifications/mark-all-read", asks=MarkAllRead, answer=AllRead)
def mark_all_read() -> Answer:
    """Mark as read all that are there now."""
    who = caller(routes)
    body(routes, MarkAllRead)
    return ok(AllRead(unread_count=inbox.mark_all_read(world(), who)))


def notification_view(one: Notification, language: str, *, is_read: bool) -> NotificationView:
    title, message = one.words(language)
    return NotificationView(
        id=one.notification_id,
        type=one.telling.topic,
        title=title,
        message=message,
        data=in_rupees(one.data),
        is_read=is_read,
        created_at=time_text(one.created_at),
    )


def _reader() -> Caller:
    return caller(routes, *inbox.keys_of(str(routes.claims()["sub"])))


def _language(who: Caller) -> str:
    user = who.rows[inbox.keys_of(who.user_id)[0]]
    return language_for(user.language if user else None)
