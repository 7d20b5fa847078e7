"""The items of one transaction: writes, and requirements of rows that it does not write."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.tables.rows import Key, Row

REQUIREMENT = "ConditionCheck"


@dataclass(frozen=True)
class Staged:
    """One item of a transaction. `conflict` is raised when its condition fails; None means a stale decision.

    `sole_creator` means that no other transaction can create this row, so that the row proves the commit.
    """

    kind: str
    content: dict[str, Any]
    row: Row
    conflict: Exception | None
    sole_creator: bool = False

    @property
    def write_id_key(self) -> Key[Any]:
        """The row, of which a read gives the id of its last write."""
        row: Any = self.row
        model = type(row)
        range_value = getattr(row, model._range_keyname) if model._range_keyname else None
        return Key(model, getattr(row, model._hash_keyname), range_value, lambda stored: stored.write_id)


def without_doubles(items: Sequence[Staged]) -> list[Staged]:
    """The items without requirements of rows that are written or required too: DynamoDB takes a row once."""
    writes = [item for item in items if item.kind != REQUIREMENT]
    written = {item.write_id_key for item in writes}
    required = {item.write_id_key: item for item in items if item.kind == REQUIREMENT}
    return [*writes, *(item for key, item in required.items() if key not in written)]
