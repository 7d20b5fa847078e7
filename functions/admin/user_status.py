"""Blocking of accounts by operators: /api/admin/users/{user_id}/status."""

from typing import Annotated, Literal

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.text.texts import Text
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.route_decorators import Declared
from chalicelib.services.caller import Caller
from chalicelib.services.users import moderation
from chalicelib.wiring import world
from functions.admin.upper_case import CaseInsensitive, in_upper_case, one_of_upper_case
from functions.params import FreeText, UserId
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ADMIN_USERS)
MESSAGES = {
    Status.ACTIVE: Text("The account is active.", "खाता सक्रिय छ।"),
    Status.BANNED: Text("The account is blocked.", "खाता रोकिएको छ।"),
}


class SetStatus(RequestModel):
    status: Annotated[Literal["active", "banned"], CaseInsensitive]
    reason: FreeText | None = None


class StatusResponse(ResponseModel):
    user_id: str
    new_status: Annotated[str, one_of_upper_case(Status)]
    message: str


PATH = "/api/admin/users/{user_id}/status"
STATUS: Declared = {
    "permission": "users",
    "response": StatusResponse,
    "problems": ("not_found", "account_deleted"),
}
DASHBOARD_SUMMARY = "Block or unblock an account. The operators' dashboard uses POST in place of PATCH."


@routes.post(PATH, body=SetStatus, summary=DASHBOARD_SUMMARY, **STATUS)
@routes.patch(PATH, body=SetStatus, **STATUS)
def set_status(request: SetStatus, caller: Caller, user_id: UserId, language: str) -> Response:
    """Block or unblock an account."""
    status = Status(request.status)
    account = moderation.set_status(world(), caller, user_id, status=status, reason=request.reason)
    message = MESSAGES[account.status].render(language)
    return ok(StatusResponse(user_id=account.user_id, new_status=in_upper_case(account.status), message=message))
