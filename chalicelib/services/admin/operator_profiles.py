"""Operators with their accounts, as super admins and they themselves read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operators.operator import Operator
from chalicelib.domain.problems.problems import Problem, must_exist
from chalicelib.services.caller import Caller
from chalicelib.tables import accounts, operators
from chalicelib.tables.dynamodb import fetch, fetch_all, fetch_one
from chalicelib.tables.rows import Key


@dataclass(frozen=True)
class Profile:
    """An operator with the account, and with the name of the super admin who made it."""

    operator: Operator
    account: Account
    created_by_username: str | None


def profiles() -> Sequence[Profile]:
    """All operators that were not removed, in the order of creation."""
    present = operators.not_removed()
    names = {operator.user_id: operator.username for operator in present}
    # An operator who was removed may have made others.
    removed = {operator.created_by for operator in present if operator.created_by} - names.keys()
    creator_keys = [operators.operator_key(user_id) for user_id in sorted(removed)]
    found = fetch_all([*(accounts.account_key(operator.user_id) for operator in present), *creator_keys])
    names |= {creator.user_id: creator.username for key in creator_keys if (creator := found[key]) is not None}
    return [
        Profile(operator, account, names.get(operator.created_by or ""))
        for operator in present
        if (account := found[accounts.account_key(operator.user_id)]) is not None
    ]


def read(user_id: str) -> Profile:
    """Raises Problem("not_found")."""
    account, operator = present_rows(user_id)
    creator = fetch_one(operators.operator_key(operator.created_by)) if operator.created_by else None
    return Profile(operator, account, creator.username if creator else None)


def own_keys(user_id: str) -> tuple[Key[Operator]]:
    """The rows that `own` needs besides the caller."""
    return (operators.operator_key(user_id),)


def own(caller: Caller) -> Operator:
    """The operator who calls. Raises Problem("not_found")."""
    return must_exist(caller.rows[operators.operator_key(caller.user_id)])


def present_rows(user_id: str) -> tuple[Account, Operator]:
    """The rows of an operator who was not removed. Raises Problem("not_found")."""
    account_key, operator_key = accounts.account_key(user_id), operators.operator_key(user_id)
    rows = fetch(account_key, operator_key)
    account, operator = rows[account_key], rows[operator_key]
    if account is None or operator is None or operator.removed_at is not None:
        raise Problem("not_found")
    return account, operator
