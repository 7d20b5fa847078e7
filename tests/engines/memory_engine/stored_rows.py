"""Items in partitions, each ordered by its sort key."""

import zlib
from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.engines.memory_engine.values import Item

Order = tuple[Any, ...]
"""The place of an item in its partition."""
SavedRows = tuple[dict[Any, dict[Order, Item]], dict[Any, list[Order]]]


@dataclass
class StoredRows:
    """Items by partition and order. A stored item never changes: a write puts another in its place.

    What was saved is shared with what is here, until a write copies the partition it changes.
    """

    _partitions: dict[Any, dict[Order, Item]] = field(default_factory=dict)
    _orders: dict[Any, list[Order]] = field(default_factory=dict)
    _own: set[Any] = field(default_factory=set)
    _scanned: list[tuple[int, Any]] | None = None

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._partitions.values())

    def find(self, partition: Any, order: Order) -> Item | None:
        return self._partitions.get(partition, {}).get(order)

    def put(self, partition: Any, order: Order, item: Item) -> None:
        rows = self._changeable(partition)
        if order not in rows:
            insort(self._orders[partition], order)
        rows[order] = item

    def remove(self, partition: Any, order: Order) -> None:
        if self.find(partition, order) is None:
            return
        rows = self._changeable(partition)
        del rows[order]
        self._orders[partition].remove(order)
        if not rows:
            del self._partitions[partition], self._orders[partition]
            self._own.discard(partition)
            self._scanned = None

    def in_order(self, partition: Any, after: Order | None, *, forwards: bool) -> Iterator[Item]:
        """The items of a partition, after the one in this order if there is one."""
        rows = self._partitions.get(partition)
        if rows is None:
            return
        orders = self._orders[partition]
        if after is not None:
            at = bisect_right(orders, after)
            orders = orders[at:] if forwards else orders[: at - (orders[at - 1 : at] == [after])]
        for order in orders if forwards else reversed(orders):
            yield rows[order]

    def scanned(self, segment: int, segments: int, after: tuple[Any, Order] | None) -> Iterator[Item]:
        """The items of a segment, after a partition and an order if there is one. The order of partitions has no
        meaning."""
        if self._scanned is None:
            self._scanned = sorted((_place(partition), partition) for partition in self._partitions)
        start = None if after is None else (_place(after[0]), after[0])
        for place in self._scanned:
            if place[0] % segments != segment or (start is not None and place < start):
                continue
            yield from self.in_order(
                place[1], after[1] if after is not None and place == start else None, forwards=True
            )

    def clear(self) -> None:
        self._partitions, self._orders, self._own, self._scanned = {}, {}, set(), None

    def saved(self) -> SavedRows:
        self._own.clear()
        return dict(self._partitions), dict(self._orders)

    def put_back(self, saved: SavedRows) -> None:
        self.clear()
        self._partitions, self._orders = dict(saved[0]), dict(saved[1])

    def _changeable(self, partition: Any) -> dict[Order, Item]:
        """The items of a partition, to be changed."""
        if partition not in self._partitions:
            self._partitions[partition], self._orders[partition], self._scanned = {}, [], None
        elif partition not in self._own:
            self._partitions[partition] = dict(self._partitions[partition])
            self._orders[partition] = list(self._orders[partition])
        self._own.add(partition)
        return self._partitions[partition]


def _place(partition: Any) -> int:
    return zlib.crc32(repr(partition).encode())
