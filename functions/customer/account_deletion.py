"""Deletion of the user's own account: /api/auth/account."""

from chalicelib.domain.text.time_text import time_text
from chalicelib.edge.formats import Time
from chalicelib.edge.models import RequestModel, ResponseModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.text_conversion import Boolean
from chalicelib.services.caller import Caller
from chalicelib.services.users import deletion, profile
from chalicelib.wiring import world
from functions.routing import blueprint
from functions.tags import Tag

routes = blueprint(__name__, Tag.ACCOUNT)


class DeleteAccount(RequestModel):
    forfeit_balance: Boolean = False


class AccountDeletedResponse(ResponseModel):
    deleted_at: Time


@routes.delete(
    "/api/auth/account",
    body=DeleteAccount,
    response=AccountDeletedResponse,
    prefetch=profile.profile_keys,
    problems=("forbidden", "rental_open", "due_unpaid", "topup_pending", "refund_open", "balance_left"),
)
def delete_account(request: DeleteAccount, caller: Caller) -> Response:
    """Delete the account and erase its personal data.

    Refused while a rental, a due, a top-up or a refund is open. A balance in the wallet is forfeited only if
    `forfeit_balance` is true. Points are always forfeited.
    """
    deleted_at = deletion.delete(world(), caller, forfeit_balance=request.forfeit_balance)
    return ok(AccountDeletedResponse(deleted_at=time_text(deleted_at)))
