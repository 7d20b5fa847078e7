"""Operators over people's accounts: /api/admin/users."""

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.domain.account import Status
from chalicelib.edge.authentication import caller
from chalicelib.edge.formats import in_capitals
from chalicelib.edge.models import Asked, Told
from chalicelib.edge.parsing import body, path_text
from chalicelib.edge.responses import Answer, ok
from chalicelib.services.users import moderation
from chalicelib.wiring import world
from functions.params import EitherCase
from functions.routing import doors
from functions.tags import Tag

routes = doors(__name__, Tag.ADMIN_USERS)
SAID = {
    Status.ACTIVE: {"en": "The account is active.", "ne": "खाता सक्रिय छ।"},
    Status.BANNED: {"en": "The account is blocked.", "ne": "खाता रोकिएको छ।"},
}


class SetStatus(Asked):
    status: Annotated[Literal["active", "banned"], EitherCase]
    reason: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class StatusView(Told):
    user_id: str
    new_status: Annotated[str, in_capitals(Status)]
    message: str


STATUS: dict[str, Any] = {
    "path": "/api/admin/users/{user_id}/status",
    "right": "users",
    "asks": SetStatus,
    "answer": StatusView,
    "problems": ("not_found", "account_deleted"),
}


@routes.patch(**STATUS)
def set_status(user_id: str) -> Answer:
    """Block an account, or let it in again."""
    return _set_status(user_id)


@routes.post(**STATUS)
def post_status(user_id: str) -> Answer:
    """Block an account, or let it in again: as the operators' dashboard asks."""
    return _set_status(user_id)


def _set_status(user_id: str) -> Answer:
    who = caller(routes)
    asked = body(routes, SetStatus)
    status = Status(asked.status)
    account = moderation.set_status(world(), who, path_text(user_id), status=status, reason=asked.reason)
    return ok(
        StatusView(
            user_id=account.user_id,
            new_status=account.status.value.upper(),
            message=SAID[account.status][routes.language()],
        )
    )
