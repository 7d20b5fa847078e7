"""Pages of a user's lists, the newest first, with a filter that no index answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

MAX_READS = 5
"""How many parts of a list are read for one page. A narrow filter gives a short page with a cursor."""
T = TypeVar("T")
P = TypeVar("P")


@dataclass(frozen=True)
class ListPart(Generic[P, T]):
    """Items that follow each other, the newest first, each with its position. None stands for a row that is no item.

    `more_follow` says whether the list may go on behind them.
    """

    items: Sequence[tuple[P, T | None]]
    more_follow: bool


def read_matching(
    read: Callable[[P | None], ListPart[P, T]], before: P | None, limit: int, matches: Callable[[T], bool]
) -> tuple[list[T], P | None]:
    """At most `limit` matching items behind the position `before`, and where the next page begins (None at the end).

    `read` returns the part of the list behind a position.
    """
    matching: list[T] = []
    for _ in range(MAX_READS):
        part = read(before)
        for index, (position, item) in enumerate(part.items):
            before = position
            if item is not None and matches(item):
                matching.append(item)
                if len(matching) == limit:
                    return matching, before if part.more_follow or index + 1 < len(part.items) else None
        if not part.more_follow:
            return matching, None
    return matching, before
