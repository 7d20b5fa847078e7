"""Damages an addition to a wallet, each time in one way that a rule of the audit names."""

from typing import Any

from chalicelib.domain.operators.role import Role
from chalicelib.services.wallet import balance_additions
from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.balance_additions import BalanceAdditionRow
from tests.services.audit.row_damage import first, save
from tests.world.network import Network


def applied_addition(network: Network) -> None:
    caller = network.operator("adder@example.com", Role.FINANCE).caller(network.world)
    balance_additions.add(network.world, caller, network.customer(), 500, "a jammed slot")
    assert network.books_balance()


def change_receiver(**fields: Any) -> None:
    """Change fields of the account to which money was added, without any rule."""
    row = AccountRow(first(BalanceAdditionRow).user_id)
    row.update([getattr(AccountRow, name).set(value) for name, value in fields.items()])


def addition_lost(network: Network) -> None:
    applied_addition(network)
    first(BalanceAdditionRow).delete()


def addition_taken_for_pending(network: Network) -> None:
    applied_addition(network)
    save(BalanceAdditionRow, state="pending")


def addition_raised(network: Network) -> None:
    applied_addition(network)
    save(BalanceAdditionRow, amount_paisa=600)


def addition_decided_by_its_requester(network: Network) -> None:
    applied_addition(network)
    save(BalanceAdditionRow, decided_by=first(BalanceAdditionRow).requested_by)


def added_money_forgotten(network: Network) -> None:
    applied_addition(network)
    change_receiver(added_paisa=0)


def more_added_than_there_is(network: Network) -> None:
    applied_addition(network)
    change_receiver(added_paisa=10**9)


ADDITION_DAMAGE = [
    (added_money_forgotten, "added_money_differs"),
    (more_added_than_there_is, "added_money_above_balance"),
    (addition_lost, "posting_without_addition"),
    (addition_taken_for_pending, "addition_not_posted_once"),
    (addition_raised, "addition_amount_differs"),
    (addition_decided_by_its_requester, "addition_decided_by_party"),
]
