"""Deleting one's account: /api/auth/account."""

from chalicelib.edge.authentication import caller
from chalicelib.edge.coercion import Boolean
from chalicelib.edge.formats import Time
from chalicelib.edge.models import Asked, Told
from chalicelib.edge.parsing import body
from chalicelib.edge.responses import Answer, ok
from chalicelib.services.users import deletion, profile
from chalicelib.wiring import world
from functions.routing import doors
from functions.schemas import time_text
from functions.tags import Tag

routes = doors(__name__, Tag.ACCOUNT)


class DeleteAccount(Asked):
    forfeit_balance: Boolean = False


class AccountDeleted(Told):
    deleted_at: Time


@routes.delete(
    "/api/auth/account",
    asks=DeleteAccount,
    answer=AccountDeleted,
    problems=("forbidden", "rental_open", "due_unpaid", "topup_pending", "refund_open", "balance_left"),
)
def delete_account() -> Answer:
    """Delete the account and erase the person behind it.

    Refused while a rental, a due, a top-up or a refund is open. What is left in the wallet is forfeited only when
    `forfeit_balance` says so; points are forfeited.
    """
    who = caller(routes, *profile.keys_of_me(str(routes.claims()["sub"])))
    asked = body(routes, DeleteAccount)
    at = deletion.delete(world(), who, forfeit_balance=asked.forfeit_balance)
    return ok(AccountDeleted(deleted_at=time_text(at)))
