"""Changes the first row of a table without any of the service's rules."""

from collections.abc import Callable
from typing import Any

from tests.network import Network


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
