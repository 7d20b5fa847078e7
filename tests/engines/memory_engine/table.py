"""A table: its keys, its items and its indexes."""

from collections.abc import Callable
from typing import Any

from tests.engines.memory_engine.engine_errors import invalid
from tests.engines.memory_engine.stored_rows import Order, SavedRows, StoredRows
from tests.engines.memory_engine.values import Item, Value, item_size, kind_of, order_of, size_of

MAX_ITEM_BYTES = 400 * 1024
MAX_HASH_KEY_BYTES, MAX_RANGE_KEY_BYTES = 2048, 1024
NO_MATCH = "The provided key element does not match the schema"


class KeySchema:
    """The names of the hash key and of the range key, if there is one."""

    def __init__(self, schema: list[dict[str, str]]) -> None:
        by_kind = {part["KeyType"]: part["AttributeName"] for part in schema}
        self.hash_name: str = by_kind["HASH"]
        self.range_name: str | None = by_kind.get("RANGE")
        self.names: tuple[str, ...] = tuple(name for name in (self.hash_name, self.range_name) if name is not None)

    def partition(self, item: Item) -> Any:
        return order_of(item[self.hash_name])

    def order(self, item: Item) -> Order:
        return () if self.range_name is None else (order_of(item[self.range_name]),)


class Index:
    """The items of a table that have the keys of the index."""

    def __init__(self, description: dict[str, Any], table_keys: KeySchema) -> None:
        self.keys = KeySchema(description["KeySchema"])
        self._table_keys = table_keys
        projection = description["Projection"]
        named = {*self.keys.names, *table_keys.names, *projection.get("NonKeyAttributes", ())}
        self.projected: frozenset[str] | None = None if projection["ProjectionType"] == "ALL" else frozenset(named)
        self.rows = StoredRows()

    def order(self, item: Item) -> Order:
        """Items with the same keys of the index come by the keys of the table."""
        keys = self._table_keys
        return (*self.keys.order(item), keys.partition(item), *keys.order(item))

    def holds(self, item: Item) -> bool:
        return all(name in item for name in self.keys.names)

    def put(self, item: Item) -> None:
        if self.holds(item):
            self.rows.put(self.keys.partition(item), self.order(item), item)

    def remove(self, item: Item) -> None:
        if self.holds(item):
            self.rows.remove(self.keys.partition(item), self.order(item))


class Table:
    """The items of a table. Its writes check keys and sizes, and keep the indexes."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.name: str = params["TableName"]
        self.keys = KeySchema(params["KeySchema"])
        self._kinds = {part["AttributeName"]: part["AttributeType"] for part in params["AttributeDefinitions"]}
        described = [*params.get("GlobalSecondaryIndexes", ()), *params.get("LocalSecondaryIndexes", ())]
        self.indexes = {index["IndexName"]: Index(index, self.keys) for index in described}
        self._max_bytes = dict.fromkeys(self._kinds, MAX_HASH_KEY_BYTES)
        for keys in (self.keys, *(index.keys for index in self.indexes.values())):
            if keys.range_name is not None:
                self._max_bytes[keys.range_name] = MAX_RANGE_KEY_BYTES
        self.rows = StoredRows()

    def key_of(self, item: Item) -> Item:
        return {name: item[name] for name in self.keys.names}

    def checked_key(self, key: Item) -> Item:
        """Raises EngineError unless it names just the keys of the table, each in its type."""
        if len(key) != len(self.keys.names):
            raise invalid(NO_MATCH)
        self._check_keys(key, NO_MATCH)
        return key

    def find(self, key: Item) -> Item | None:
        return self.rows.find(self.keys.partition(key), self.keys.order(key))

    def check(self, item: Item) -> None:
        """Raises EngineError for an item that the table does not take."""
        self._check_keys(item, "One or more parameter values were invalid: a key is missing or of another type")
        for index in self.indexes.values():
            for name in index.keys.names:
                if name in item:
                    self._check_kind(name, item[name], "One or more parameter values were invalid: an index key")
        if item_size(item) > MAX_ITEM_BYTES:
            raise invalid("Item size has exceeded the maximum allowed size")

    def put(self, item: Item) -> None:
        """Put a checked item in place of the one that may be there."""
        old = self.find(item)
        self.rows.put(self.keys.partition(item), self.keys.order(item), item)
        for index in self.indexes.values():
            if old is not None:
                index.remove(old)
            index.put(item)

    def remove(self, item: Item) -> None:
        """Remove the item that is there under these keys, if there is one."""
        old = self.find(item)
        if old is None:
            return
        self.rows.remove(self.keys.partition(old), self.keys.order(old))
        for index in self.indexes.values():
            index.remove(old)

    def clear(self) -> None:
        for rows in self._all_rows():
            rows.clear()

    def saved(self) -> Callable[[], None]:
        """Saves the items. The returned function restores them."""
        every: list[tuple[StoredRows, SavedRows]] = [(rows, rows.saved()) for rows in self._all_rows()]

        def put_back() -> None:
            for rows, saved in every:
                rows.put_back(saved)

        return put_back

    def _all_rows(self) -> list[StoredRows]:
        return [self.rows, *(index.rows for index in self.indexes.values())]

    def _check_keys(self, item: Item, message: str) -> None:
        for name in self.keys.names:
            if name not in item:
                raise invalid(message)
            self._check_kind(name, item[name], message)

    def _check_kind(self, name: str, value: Value, message: str) -> None:
        if kind_of(value) != self._kinds[name]:
            raise invalid(f"{message}: {name}")
        if kind_of(value) != "N" and not 0 < size_of(value) <= self._max_bytes[name]:
            raise invalid(f"One or more parameter values are not valid. The key is empty or too long: {name}")
