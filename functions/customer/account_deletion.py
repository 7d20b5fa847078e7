"""Deleting one's account: /api/auth/account."""

from chalicelib.edge.body import Asked, Told, body
from chalicelib.edge.caller import caller
from chalicelib.edge.coercion import Boolean
from chalicelib.edge.formats import Time
from chalicelib.edge.http import Answer, ok
from chalicelib.services import accounts, deletion
from chalicelib.wiring import world
from functions.doors import doors
from functions.tags import Tag
from functions.views import time_text

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
    who = caller(routes, *accounts.keys_of_me(str(routes.claims()["sub"])))
    asked = body(routes, DeleteAccount)
    at = deletion.delete(world(), who, forfeit_balance=asked.forfeit_balance)
    return ok(AccountDeleted(deleted_at=time_text(at)))
