"""Broadcasts of operators: /api/admin/system/broadcast."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo

from chalicelib.domain.notifications.broadcast import MAX_MESSAGE, MAX_TITLE, Audience, Broadcast, Channel
from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, created, ok
from chalicelib.edge.text_conversion import Boolean, as_list
from chalicelib.services.caller import Caller
from chalicelib.services.notifications import broadcast_sending
from chalicelib.services.notifications.broadcast_sending import BroadcastOrder
from chalicelib.wiring import world
from functions.admin.paging import NumberedPageQuery, PageNumbers
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_BROADCASTS)
PATH = "/api/admin/system/broadcast"
TEXTS = ("title", "title_ne", "message", "message_ne")
Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE)]
Message = Annotated[str, Field(min_length=1, max_length=MAX_MESSAGE)]


def in_lower_case(value: Any, info: ValidationInfo) -> Any:
    """The items of a list in lower case. A form that sends a field once sends no list."""
    items = as_list(value, info)
    return [item.lower() if isinstance(item, str) else item for item in items] if isinstance(items, list) else items


class SendBroadcast(RequestModel):
    title: Annotated[Title, Field(examples=["Short break on Friday"])]
    title_ne: Annotated[Title, Field(examples=["शुक्रबार केही समय बन्द"])]
    message: Annotated[Message, Field(examples=["Bijuli will not work from 1 to 3 AM. You can return power banks."])]
    message_ne: Annotated[Message, Field(examples=["राति १ देखि ३ बजेसम्म Bijuli चल्ने छैन।"])]
    audience: Annotated[
        Literal["all", "kyc_approved", "kyc_not_approved", "renters", "operators"], CaseInsensitive
    ] = "all"
    channels: Annotated[
        tuple[Literal["in_app", "push"], ...], Field(min_length=1, max_length=2), BeforeValidator(in_lower_case)
    ] = ("in_app", "push")
    send_again: Annotated[Boolean, Field(description="Send it though the same was just sent")] = False


class BroadcastResponse(ResponseModel):
    id: str
    title: str
    title_ne: str
    message: str
    message_ne: str
    audience: Annotated[str, one_of_upper_case(Audience)]
    channels: list[str]
    sent_by: str
    created_at: Time


class BroadcastsResponse(ResponseModel):
    results: list[BroadcastResponse]
    pagination: PageNumbers


@routes.get(PATH, permission="notify", query=NumberedPageQuery, response=BroadcastsResponse)
def list_broadcasts(query: NumberedPageQuery) -> Response:
    """Broadcasts that were sent, newest first."""
    broadcasts, total = broadcast_sending.listing(query.to_page())
    results = [to_broadcast_response(broadcast) for broadcast in broadcasts]
    return ok(BroadcastsResponse(results=results, pagination=PageNumbers.of(query, total)))


@routes.post(
    PATH,
    permission="notify",
    body=SendBroadcast,
    response=BroadcastResponse,
    idempotent=True,
    unstored_fields=TEXTS,
    status=201,
    problems=("not_found", "broadcast_just_sent"),
)
def send_broadcast(request: SendBroadcast, caller: Caller) -> Response:
    """Send a message to all users, or to an audience: to the list in the app, as a push, or both.

    Users who register later do not get it. Pushes wait for the end of the night.
    """
    order = BroadcastOrder(
        {name: getattr(request, name) for name in TEXTS},
        Audience(request.audience),
        tuple(channel for channel in Channel if channel.value in request.channels),
        again=request.send_again,
    )
    return created(to_broadcast_response(broadcast_sending.send(world(), caller, order)))


def to_broadcast_response(broadcast: Broadcast) -> BroadcastResponse:
    return BroadcastResponse(
        id=broadcast.broadcast_id,
        title=broadcast.title,
        title_ne=broadcast.title_ne,
        message=broadcast.message,
        message_ne=broadcast.message_ne,
        audience=in_upper_case(broadcast.audience),
        channels=[in_upper_case(channel) for channel in broadcast.channels],
        sent_by=broadcast.created_by,
        created_at=time_text(broadcast.created_at),
    )
