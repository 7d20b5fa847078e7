"""Counts the DynamoDB calls of a block of code, at the client that all tables share."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chalicelib.tables.dynamodb import shared_connection


@dataclass
class Counted:
    """Calls in order; each was waited for before the next, so their number is the sequential round trips."""

    calls: list[str] = field(default_factory=list)
    read_units: float = 0.0
    write_units: float = 0.0
    rows_read: int = 0
    """Rows that queries looked at, also those that a filter left out."""

    @property
    def round_trips(self) -> int:
        return len(self.calls)


WRITES = {"TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}


@contextmanager
def counted() -> Iterator[Counted]:
    """Count the calls inside the block. Capacity units are those that the engine reports."""
    counted = Counted()

    def before(model: Any, **_: Any) -> None:
        counted.calls.append(model.name)

    def after(model: Any, parsed: Any, **_: Any) -> None:
        used = parsed.get("ConsumedCapacity") or []
        units = sum(float(item.get("CapacityUnits", 0)) for item in (used if isinstance(used, list) else [used]))
        if model.name in WRITES:
            counted.write_units += units
        else:
            counted.read_units += units
            counted.rows_read += int(parsed.get("ScannedCount", 0))

    events = shared_connection().client.meta.events
    events.register("before-call.dynamodb", before)
    events.register("after-call.dynamodb", after)
    try:
        yield counted
    finally:
        events.unregister("before-call.dynamodb", before)
        events.unregister("after-call.dynamodb", after)
