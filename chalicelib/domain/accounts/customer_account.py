"""The account that an operator's action on a customer needs."""

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problems import Problem


def must_be_customer(account: Account) -> None:
    """Raises Problem: forbidden for the account of an operator, account_deleted."""
    if account.role is not Role.CUSTOMER:
        raise Problem("forbidden")
    if account.deleted:
        raise Problem("account_deleted")
