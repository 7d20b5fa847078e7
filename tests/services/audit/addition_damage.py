"""Damages an addition to a wallet, each time in one way that a rule of the audit names."""

from chalicelib.domain.account import Role
from chalicelib.services.wallet import balance_additions
from chalicelib.tables.balance_additions import BalanceAdditionRow
from tests.network import Network
from tests.services.audit.row_damage import first, save


def applied_addition(network: Network) -> None:
    caller = network.operator("adder@example.com", Role.FINANCE).caller(network.world)
    balance_additions.add(network.world, caller, network.customer(), 500, "a jammed slot")
    assert network.books_balance()


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


ADDITION_DAMAGE = [
    (addition_lost, "posting_without_addition"),
    (addition_taken_for_pending, "addition_not_posted_once"),
    (addition_raised, "addition_amount_differs"),
    (addition_decided_by_its_requester, "addition_decided_by_party"),
]
