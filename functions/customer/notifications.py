"""What users were told: /api/user/notifications."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.notification import Notification
from chalicelib.domain.notification_templates import Topic
from chalicelib.edge import pagination
from chalicelib.edge.authentication import authenticate
from chalicelib.edge.formats import Time
from chalicelib.edge.language import language_for
from chalicelib.edge.models import Page, PageQuery, RequestModel, ResponseModel
from chalicelib.edge.parsing import body, path_param, query
from chalicelib.edge.responses import Response, in_rupees, ok
from chalicelib.services.caller import Caller
from chalicelib.services.notifications import inbox
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.schemas import time_text
from functions.tags import Tag

routes = blueprint(__name__, Tag.NOTIFICATIONS)


class NotificationsQuery(PageQuery):
    type: Annotated[Topic | None, Field(description="Only notifications of this type")] = None
    is_read: Annotated[
        Literal["true", "false"] | None,
        Field(description="Only those that are read, or only those that are not"),
    ] = None


class NotificationResponse(ResponseModel):
    id: str
    type: Topic
    title: str
    message: str
    data: Annotated[dict[str, Any], Field(description="Ids and amounts the notification is about")]
    is_read: bool
    created_at: Time


class NotificationsResponse(Page[NotificationResponse]):
    unread_count: int


class MarkRead(RequestModel):
    """No fields."""


class MarkAllRead(RequestModel):
    """No fields."""


class AllReadResponse(ResponseModel):
    unread_count: int


class DeletedResponse(ResponseModel):
    id: str


@routes.get("/api/user/notifications", query=NotificationsQuery, response=NotificationsResponse)
def listing() -> Response:
    """What the user was told in the last half year, newest first."""
    request = query(routes, NotificationsQuery)
    caller = _authenticate_reader()

    def matches(notification: Notification, is_read: bool) -> bool:
        return request.type in (None, notification.template.topic) and request.is_read in (
            None,
            "true" if is_read else "false",
        )

    position = pagination.decode_cursor(routes, caller.user_id, request)
    before = str(position["before"]) if position else None
    page = inbox.listing(world(), caller, limit=request.limit, before=before, matches=matches)
    following = page.following and pagination.encode_cursor(
        routes, caller.user_id, request, {"before": page.following}
    )
    language = _language(caller)
    views = [
        to_notification_response(notification, language, is_read=notification.is_read(page.read_until))
        for notification in page.notifications
    ]
    page_ = Page[NotificationResponse].of(views, following)
    return ok(NotificationsResponse(**dict(page_), unread_count=page.unread_count))


@routes.post("/api/user/notification/{notification_id}", body=MarkRead, response=NotificationResponse)
def mark_read(notification_id: str) -> Response:
    """Mark one as read."""
    caller = _authenticate_reader()
    body(routes, MarkRead)
    notification = inbox.mark_read(world(), caller, path_param(notification_id))
    return ok(to_notification_response(notification, _language(caller), is_read=True))


@routes.delete("/api/user/notification/{notification_id}", response=DeletedResponse)
def delete(notification_id: str) -> Response:
    """Delete one."""
    caller = authenticate(routes)
    notification_id_ = path_param(notification_id)
    inbox.delete(world(), caller, notification_id_)
    return ok(DeletedResponse(id=notification_id_))


@routes.post("/api/user/notifications/mark-all-read", body=MarkAllRead, response=AllReadResponse)
def mark_all_read() -> Response:
    """Mark as read all that are there now."""
    caller = authenticate(routes)
    body(routes, MarkAllRead)
    return ok(AllReadResponse(unread_count=inbox.mark_all_read(world(), caller)))


def to_notification_response(notification: Notification, language: str, *, is_read: bool) -> NotificationResponse:
    title, message = notification.render(language)
    return NotificationResponse(
        id=notification.notification_id,
        type=notification.template.topic,
        title=title,
        message=message,
        data=in_rupees(notification.data),
        is_read=is_read,
        created_at=time_text(notification.created_at),
    )


def _authenticate_reader() -> Caller:
    return authenticate(routes, *inbox.prefetch_keys(str(routes.claims()["sub"])))


def _language(caller: Caller) -> str:
    user = caller.rows[inbox.prefetch_keys(caller.user_id)[0]]
    return language_for(user.language if user else None)
