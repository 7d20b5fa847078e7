"""The user's notifications: /api/user/notifications."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.notifications.notification_kinds import Topic
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.language import language_of_inbox
from chalicelib.edge.models import EmptyRequest, Page, PageQuery, ResponseModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.rendering import in_rupees
from chalicelib.edge.responses import Response, ok
from chalicelib.services.caller import Caller
from chalicelib.services.notifications import broadcast_feed, inbox
from chalicelib.services.notifications.inbox import Item, NotificationPage
from chalicelib.wiring import world
from functions.params import FirstDay, LastDay, NotificationId, span_of
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.NOTIFICATIONS)


class NotificationsQuery(PageQuery):
    type: Annotated[Topic | None, Field(description="Only notifications of this type")] = None
    is_read: Annotated[
        Literal["true", "false"] | None,
        Field(description="Only those that are read, or only those that are not"),
    ] = None
    start_date: FirstDay | None = None
    end_date: LastDay | None = None

    def matches(self, notification: Item, is_read: bool) -> bool:
        is_of_type = self.type in (None, notification.topic)
        return is_of_type and self.is_read in (None, "true" if is_read else "false")


class NotificationResponse(ResponseModel):
    id: str
    type: Topic
    title: str
    message: str
    data: Annotated[dict[str, Any], Field(description="Ids and amounts the notification is about")]
    is_read: bool
    created_at: Time


UnreadCount = Annotated[int, Field(description=f"Counted up to {inbox.MAX_UNREAD_COUNT}")]


class NotificationsResponse(Page[NotificationResponse]):
    unread_count: UnreadCount


class MarkRead(EmptyRequest):
    """No fields."""


class MarkAllRead(EmptyRequest):
    """No fields."""


class AllReadResponse(ResponseModel):
    unread_count: UnreadCount


class DeletedResponse(ResponseModel):
    id: str


@routes.get(
    "/api/user/notifications",
    query=NotificationsQuery,
    response=NotificationsResponse,
    prefetch=inbox.list_keys,
)
def list_notifications(query: NotificationsQuery, caller: Caller, cursor: Cursor, language: str) -> Response:
    """The user's notifications of the last six months, newest first."""
    before = cursor.text("before")
    span = span_of(query.start_date, query.end_date)
    page = inbox.listing(world(), caller, limit=query.limit, before=before, matches=query.matches, span=span)
    return ok(to_notifications_response(page, cursor.following(before=page.following), _language(caller, language)))


@routes.post(
    "/api/user/notification/{notification_id}",
    body=MarkRead,
    response=NotificationResponse,
    prefetch=inbox.list_keys,
)
def mark_read(caller: Caller, notification_id: NotificationId, language: str) -> Response:
    """Mark one notification as read."""
    notification = inbox.mark_read(world(), caller, notification_id)
    return ok(to_notification_response(notification, _language(caller, language), is_read=True))


@routes.delete(
    "/api/user/notification/{notification_id}", response=DeletedResponse, prefetch=broadcast_feed.prefetch_keys
)
def delete(caller: Caller, notification_id: NotificationId) -> Response:
    """Delete one notification."""
    inbox.delete(world(), caller, notification_id)
    return ok(DeletedResponse(id=notification_id))


@routes.post(
    "/api/user/notifications/mark-all-read",
    body=MarkAllRead,
    response=AllReadResponse,
    prefetch=broadcast_feed.prefetch_keys,
)
def mark_all_read(caller: Caller) -> Response:
    """Mark all notifications as read."""
    return ok(AllReadResponse(unread_count=inbox.mark_all_read(world(), caller)))


def to_notifications_response(
    page: NotificationPage, next_cursor: str | None, language: str
) -> NotificationsResponse:
    results = [
        to_notification_response(notification, language, is_read=notification.is_read(page.read_until))
        for notification in page.notifications
    ]
    paged = Page[NotificationResponse].of(results, next_cursor)
    return NotificationsResponse(**dict(paged), unread_count=page.unread_count)


def to_notification_response(notification: Item, language: str, *, is_read: bool) -> NotificationResponse:
    title, message = notification.render(language)
    return NotificationResponse(
        id=notification.notification_id,
        type=notification.topic,
        title=title,
        message=message,
        data=in_rupees(notification.data),
        is_read=is_read,
        created_at=time_text(notification.created_at),
    )


def _language(caller: Caller, requested: str) -> str:
    user = caller.rows[inbox.prefetch_keys(caller.user_id)[0]]
    return language_of_inbox(requested, user.language if user else None)
