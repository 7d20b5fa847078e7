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

    def with_total(self, items: Sequence[T]) -> tuple[Sequence[T], int]:
        """The items of this page, and the number of all items."""
        return self.of(items), len(items)
