"""Operators over people's accounts: /api/admin/users."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.account import Status
from chalicelib.edge.authentication import authenticate
from chalicelib.edge.formats import in_capitals
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.parsing import body, path_param
from chalicelib.edge.responses import Response, ok
from chalicelib.services.users import moderation
from chalicelib.wiring import world
from functions.params import EitherCase
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_USERS)
MESSAGES = {
    Status.ACTIVE: {"en": "The account is active.", "ne": "खाता सक्रिय छ।"},
    Status.BANNED: {"en": "The account is blocked.", "ne": "खाता रोकिएको छ।"},
}


class SetStatus(RequestModel):
    status: Annotated[Literal["active", "banned"], EitherCase]
    reason: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class StatusResponse(ResponseModel):
    user_id: str
    new_status: Annotated[str, in_capitals(Status)]
    message: str


STATUS: dict[str, Any] = {
    "path": "/api/admin/users/{user_id}/status",
    "permission": "users",
    "body": SetStatus,
    "response": StatusResponse,
    "problems": ("not_found", "account_deleted"),
}


@routes.patch(**STATUS)
def set_status(user_id: str) -> Response:
    """Block an account, or let it in again."""
    return _set_status(user_id)


@routes.post(**STATUS)
def post_status(user_id: str) -> Response:
    """Block an account, or let it in again: as the operators' dashboard asks."""
    return _set_status(user_id)


def _set_status(user_id: str) -> Response:
    caller = authenticate(routes)
    request = body(routes, SetStatus)
    status = Status(request.status)
    account = moderation.set_status(world(), caller, path_param(user_id), status=status, reason=request.reason)
    return ok(
        StatusResponse(
            user_id=account.user_id,
            new_status=account.status.value.upper(),
            message=MESSAGES[account.status][routes.language()],
        )
    )
