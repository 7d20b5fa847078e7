"""Takes the items of several lists in turns, so that no list comes before the others."""

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import TypeVar, cast

T = TypeVar("T")
END = object()


def round_robin(lists: Sequence[Sequence[T]]) -> list[T]:
    """The first items of all lists, then the second ones, and so on."""
    return [cast("T", item) for turn in zip_longest(*lists, fillvalue=END) for item in turn if item is not END]


def turn_of(now: datetime, every_minutes: int = 1) -> int:
    """Number of the run of a job that runs every few minutes. `in_turn` uses it so that rows that always fail do not
    block the rest."""
    return int(now.timestamp() // (60 * every_minutes))


def rotated(items: Sequence[T], turn: int) -> list[T]:
    """All items, of which another one is the first in each turn."""
    first = turn % len(items) if items else 0
    return [*items[first:], *items[:first]]


def in_turn(items: Sequence[T], limit: int, turn: int) -> list[T]:
    """At most `limit` of the items: the first half of them is the first of all, the others take turns.

    So items that come first again and again, because they always fail, delay the others and never stop them. `turn`
    counts the runs.
    """
    if len(items) <= limit:
        return [*items]
    first, others = items[: limit // 2], items[limit // 2 :]
    count = limit - len(first)
    return [*first, *rotated(others, turn * count)[:count]]
