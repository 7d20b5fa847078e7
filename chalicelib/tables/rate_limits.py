"""Counters with a cap for a window of time."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.problems.problems import Problem
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute
from chalicelib.tables.rows import Key, Row


class CounterRow(Row):
    """A counter. Its name includes the window."""

    class Meta:
        table_name = "counters"

    name = UnicodeAttribute(hash_key=True)
    counted = IntAttribute()
    expires = IntAttribute()


def counter_key(name: str) -> Key[int]:
    """The key of a counter. It reads as the count; the row is absent before the first one."""
    return Key(CounterRow, name, None, lambda row: int(row.counted))


def count(
    ops: Transaction, name: str, cap: int, until: datetime, *, conflict: Problem | None, amount: int = 1
) -> None:
    """Stage `amount` more. Raises `conflict` when the counter would pass `cap`, or is stale where it is None."""
    counted, expires = CounterRow.counted, CounterRow.expires
    has_room = counted <= cap - amount
    ops.update(
        CounterRow(name=name),
        [counted.add(amount), expires.set(int(until.timestamp()))],
        counted.does_not_exist() | has_room if cap >= amount else has_room,
        conflict=conflict,
    )


def uncount(ops: Transaction, name: str) -> None:
    """Stage one count less. The counter must have counted in this window."""
    ops.update(CounterRow(name=name), [CounterRow.counted.add(-1)], None, conflict=None)


def reset(ops: Transaction, name: str) -> None:
    """Stage that the counter starts again from zero."""
    ops.update(CounterRow(name=name), [CounterRow.counted.set(0)], None, conflict=None)
