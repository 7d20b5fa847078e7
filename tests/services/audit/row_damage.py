"""Changes the first row of a table without any of the service's rules."""

from collections.abc import Callable
from typing import Any

from chalicelib.tables.accounts import AccountRow
from tests.world.network import Network


def first(model: Any) -> Any:
    return next(iter(model.scan()))


def save(model: Any, **changed: Any) -> None:
    row = first(model)
    for name, value in changed.items():
        setattr(row, name, value)
    row.save()


def raised(model: Any, name: str) -> Callable[[Network], None]:
    """Damage that adds 1 to a column."""

    def damage(_: Network) -> None:
        first(model).update([getattr(model, name).add(1)])

    return damage


def customer_of(network: Network) -> str:
    """The customer who rents in each test."""
    return next(iter(network.sessions))


def change_account(network: Network, **fields: Any) -> None:
    """Change fields of the customer's account without any rule."""
    AccountRow(customer_of(network)).update([getattr(AccountRow, name).set(value) for name, value in fields.items()])
