"""Numbered pages of the lists that operators read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
MAX_LISTED = 500
"""How many items such a list holds at most, and how far it is counted."""


@dataclass(frozen=True)
class NumberedPage:
    """The requested page of a list. `number` counts from 1; `size` is in items."""

    number: int
    size: int

    @property
    def first(self) -> int:
        """The index of the page's first item."""
        return (self.number - 1) * self.size

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """The items of this page."""
        return items[self.first : self.first + self.size]

    def read_limit(self, *, by_cursor: bool) -> int:
        """How many keys to read: one more than are shown, to see whether more follow."""
        return self.size + 1 if by_cursor else MAX_LISTED + 1

    def of_keys(self, keys: Sequence[T], *, by_cursor: bool) -> tuple[Sequence[T], bool, int]:
        """The keys of this page, whether more follow, and how many have page numbers, at most MAX_LISTED.

        By a cursor the page begins with the first key.
        """
        first = 0 if by_cursor else self.first
        of_page = keys[first : min(first + self.size, MAX_LISTED)]
        return of_page, bool(of_page) and first + len(of_page) < len(keys), min(len(keys), MAX_LISTED)

    def with_total(self, items: Sequence[T]) -> tuple[Sequence[T], int]:
        """The items of this page, and the number of all items."""
        return self.of(items), len(items)
