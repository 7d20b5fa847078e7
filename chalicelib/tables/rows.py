"""The base row, keys, sparse indexes, and how rows map to dataclasses."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Generic, Self, TypeVar, cast

from pynamodb.attributes import UnicodeAttribute
from pynamodb.constants import NULL
from pynamodb.exceptions import AttributeNullError
from pynamodb.expressions.condition import Condition
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib.tables.attributes import TimeAttribute
from chalicelib.tables.write_conflicts import repeat_on_conflict

T = TypeVar("T")
SHARDS = 4
MAX_HASH_KEY_BYTES, MAX_RANGE_KEY_BYTES = 2048, 1024


class KeysOnlyIndex(GlobalSecondaryIndex[Any]):
    """An index named by `name` in the class statement. Its rows hold keys only: what they name is read again."""

    def __init_subclass__(cls, name: str | None = None, **kwargs: Any) -> None:
        if name is not None:
            cls.Meta = type("Meta", (), {"index_name": name, "projection": KeysOnlyProjection()})  # type: ignore[no-untyped-call]
        super().__init_subclass__(**kwargs)  # type: ignore[no-untyped-call]


class SparseIndex(KeysOnlyIndex):
    """Rows that wait for something. A row that waits for nothing lacks the index's hash key and is not in it."""


class WaitingIndex(SparseIndex):
    """Rows that a sweep or an operator has to handle, by shard and by the time at which they are due."""

    shard = UnicodeAttribute(hash_key=True)
    wait_until = TimeAttribute(range_key=True)


class DayIndex(KeysOnlyIndex):
    """Rows by the day they belong to, in shards. Reports read it; no decision about money does."""


class Row(Model):
    """A row with the id of the transaction that wrote it. A plain write that meets a transaction is repeated."""

    write_id = UnicodeAttribute(null=True)
    """Set by `atomic`, which looks for it when the outcome of a commit is unknown."""

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        """The row of an item. PynamoDB sets defaults twice and each value by a descriptor: three times the work."""
        row = cls.__new__(cls)
        row.attribute_values = read = {}
        for name, stored_name, attribute, default in _attributes(cls):
            value = data.get(stored_name)
            if value and NULL not in value:
                read[name] = attribute.deserialize(attribute.get_value(value))
            elif default is not None:
                read[name] = default() if callable(default) else default
        return row

    def serialize(self, null_check: bool = True) -> dict[str, dict[str, Any]]:
        """The item of this row, as PynamoDB writes it, in less than half of its time. Raises AttributeNullError."""
        values, item = self.attribute_values, dict[str, dict[str, Any]]()
        for name, stored_name, attribute, _ in _attributes(type(self)):
            value = values.get(name)
            stored = None if value is None else attribute.serialize(value)
            if stored is not None:
                item[stored_name] = {attribute.attr_type: stored}
            elif null_check and not attribute.null:
                raise AttributeNullError(name)
        return item

    def save(self, condition: Condition | None = None, *, add_version_condition: bool = True) -> dict[str, Any]:
        return repeat_on_conflict(
            lambda: super(Row, self).save(condition, add_version_condition=add_version_condition)
        )

    def update(
        self, actions: list[Any], condition: Condition | None = None, *, add_version_condition: bool = True
    ) -> Any:
        return repeat_on_conflict(
            lambda: super(Row, self).update(actions, condition, add_version_condition=add_version_condition)
        )

    def delete(self, condition: Condition | None = None, *, add_version_condition: bool = True) -> Any:
        return repeat_on_conflict(
            lambda: super(Row, self).delete(condition, add_version_condition=add_version_condition)
        )


@cache
def _attributes(model: type[Row]) -> tuple[tuple[str, str, Any, Any], ...]:
    """The name, the name in the table, the attribute and the default value of each attribute."""
    attributes = model.get_attributes().items()
    return tuple((name, attribute.attr_name, attribute, attribute.default) for name, attribute in attributes)


@dataclass(frozen=True)
class Key(Generic[T]):
    """The key of one row, and the function that turns the row into a domain value."""

    model: type[Row]
    hash_key: str
    range_key: str | int | None
    read: Callable[[Any], T] = field(compare=False)

    @property
    def is_possible(self) -> bool:
        """Whether a row can have this key. DynamoDB refuses a read of any other key."""
        return _is_key(self.hash_key, MAX_HASH_KEY_BYTES) and _is_key(self.range_key, MAX_RANGE_KEY_BYTES)


def _is_key(value: str | int | None, max_bytes: int) -> bool:
    return not isinstance(value, str) or 0 < len(value.encode()) <= max_bytes


class Found:
    """The rows of one read by their keys."""

    def __init__(self, rows: dict[Key[Any], Any]) -> None:
        self._rows = rows

    def __getitem__(self, key: Key[T]) -> T | None:
        """The value of a row, or None where the row is missing. Raises KeyError for a key that was not read."""
        return cast("T | None", self._rows[key])

    def __contains__(self, key: Key[Any]) -> bool:
        return key in self._rows


def entity(row: Row, of: type[T]) -> T:
    """The row as the dataclass `of`. Attributes and fields have the same names."""
    read = row.attribute_values
    return of(**{name: value for name in _names(cast("Any", of)) if (value := read.get(name)) is not None})


def values(item: Any) -> dict[str, Any]:
    """The fields of a dataclass for a row, without those that are None."""
    return {name: value for name in _names(cast("Any", type(item))) if (value := getattr(item, name)) is not None}


@cache
def _names(of: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(of))


def shard_of(identity: str) -> str:
    """The shard of a row in an index, always the same for one identity."""
    return str(zlib.crc32(identity.encode()) % SHARDS)
