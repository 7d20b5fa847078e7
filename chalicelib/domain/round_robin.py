"""Takes the items of several lists in turns, so that no list comes before the others."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import TypeVar, cast

T = TypeVar("T")
END = object()


def round_robin(lists: Sequence[Sequence[T]]) -> list[T]:
    """The first items of all lists, then the second ones, and so on."""
    return [cast("T", item) for turn in zip_longest(*lists, fillvalue=END) for item in turn if item is not END]
