"""Numbers for what tables hold: equal numbers mean equal rows, so that work on the same rows is done once."""

from collections.abc import Iterable
from itertools import count
from typing import Any

EMPTY = 0


class TableVersions:
    """A number for each table: 0 while it is empty, another after every write, the old one when rows are put back."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._current: dict[str, int] = {}

    def __getitem__(self, table: str) -> int:
        return self._current.get(table, EMPTY)

    def all(self) -> tuple[tuple[str, int], ...]:
        """Every table that holds rows, with its number."""
        return tuple(sorted(self._current.items()))

    def empty(self) -> None:
        self._current.clear()

    def put_back(self, versions: Iterable[tuple[str, int]]) -> None:
        self._current = dict(versions)

    def note(self, operation: str, params: dict[str, Any]) -> None:
        """Gives a new number to every table that the operation may have changed."""
        match operation:
            case "TransactWriteItems":
                changed = {next(iter(item.values()))["TableName"] for item in params["TransactItems"]}
            case "BatchWriteItem":
                changed = set(params["RequestItems"])
            case "PutItem" | "UpdateItem" | "DeleteItem" | "DeleteTable":
                changed = {params["TableName"]}
            case _:
                return
        self._current |= {table: next(self._numbers) for table in changed}
