"""Pages of queries and scans: a limit, a megabyte, a filter, and where the next page begins."""

from collections.abc import Iterable
from typing import Any

from tests.engines.memory_engine.conditions import Condition, condition
from tests.engines.memory_engine.engine_errors import invalid
from tests.engines.memory_engine.expressions import Context
from tests.engines.memory_engine.requests import Projection, context_of
from tests.engines.memory_engine.stored_rows import Order
from tests.engines.memory_engine.table import Index, KeySchema, Table
from tests.engines.memory_engine.values import Item, checked, item_size

MAX_PAGE_BYTES = 1024 * 1024


class PageRequest:
    """What a query and a scan have in common."""

    def __init__(self, table: Table, params: dict[str, Any]) -> None:
        self._table, self._params = table, params
        self._index: Index | None = None
        if params.get("IndexName"):
            if params["IndexName"] not in table.indexes:
                raise invalid(f"The table does not have the specified index: {params['IndexName']}")
            self._index = table.indexes[params["IndexName"]]
        self.keys: KeySchema = self._index.keys if self._index is not None else table.keys
        self.rows = self._index.rows if self._index is not None else table.rows
        key_text, filter_text = params.get("KeyConditionExpression"), params.get("FilterExpression")
        self.key_condition: Condition | None = condition(key_text) if key_text else None
        self._filter = condition(filter_text) if filter_text else None
        self._projection = Projection(params.get("ProjectionExpression"))
        conditions = [part for part in (self.key_condition, self._filter) if part is not None]
        used = [(part.names, part.values) for part in conditions]
        self.context: Context = context_of(params, *used, (self._projection.names, ()))
        self._limit: int | None = params.get("Limit")
        if self._limit is not None and self._limit < 1:
            raise invalid("Value at 'limit' failed to satisfy constraint: it must be at least 1")

    def start(self) -> tuple[Any, Order] | None:
        """The partition and the order after which the page begins."""
        sent = self._params.get("ExclusiveStartKey")
        if not sent:
            return None
        key = {name: checked(value) for name, value in sent.items()}
        if key.keys() != {*self.keys.names, *self._table.keys.names}:
            raise invalid("The provided starting key is invalid")
        order = self._index.order(key) if self._index is not None else self.keys.order(key)
        return self.keys.partition(key), order

    def page(self, items: Iterable[Item]) -> dict[str, Any]:
        """The page of these items in order."""
        found: list[Item] = []
        scanned = size = 0
        last: Item | None = None
        for item in items:
            scanned += 1
            size += item_size(item)
            if self._filter is None or self._filter.holds(item, self.context):
                found.append(item)
            if scanned == self._limit or size > MAX_PAGE_BYTES:
                last = item
                break
        page: dict[str, Any] = {"Count": len(found), "ScannedCount": scanned}
        if self._params.get("Select") != "COUNT":
            page["Items"] = [self._projection.of(self._projected(item), self.context) for item in found]
        if last is not None:
            page["LastEvaluatedKey"] = {
                name: dict(last[name]) for name in (*self._table.keys.names, *self.keys.names)
            }
        return page

    def _projected(self, item: Item) -> Item:
        """What the index holds of the item."""
        if self._index is None or self._index.projected is None:
            return item
        return {name: value for name, value in item.items() if name in self._index.projected}


def query(table: Table, params: dict[str, Any]) -> dict[str, Any]:
    """The items of one partition. Raises EngineError unless the condition names the partition."""
    request = PageRequest(table, params)
    wanted = request.key_condition
    if wanted is None:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified")
    context, keys = request.context, request.keys
    partitions = [value for path, value in wanted.equalities if path.resolved(context) == (keys.hash_name,)]
    if not partitions:
        raise invalid(f"Query condition missed key schema element: {keys.hash_name}")
    partition = keys.partition({keys.hash_name: context.values[partitions[0]]})
    start = request.start()
    forwards = params.get("ScanIndexForward", True) is not False
    items = request.rows.in_order(partition, start[1] if start is not None else None, forwards=forwards)
    return request.page(item for item in items if wanted.holds(item, context))


def scan(table: Table, params: dict[str, Any]) -> dict[str, Any]:
    """The items of a table, of an index or of a segment of one."""
    request = PageRequest(table, params)
    segment, segments = params.get("Segment", 0), params.get("TotalSegments", 1)
    if segment >= segments:
        raise invalid("The Segment parameter must be less than TotalSegments")
    return request.page(request.rows.scanned(segment, segments, request.start()))
