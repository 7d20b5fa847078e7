"""Pages of operators' lists, the newest first, with a filter that no index answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.domain.operators.numbered_page import MAX_LISTED, NumberedPage

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True)
class NewestPage(Generic[T]):
    """One page. `following` is where the next one begins, and None at the end. `listed` counts the items with page
    numbers, at most MAX_LISTED."""

    items: Sequence[T]
    following: str | None
    listed: int


@dataclass(frozen=True)
class Position(Generic[K]):
    """A row's place in the list, and its key."""

    text: str
    key: K


def read_page(
    read: Callable[[int], Sequence[Position[K]]],
    load: Callable[[Sequence[K]], Mapping[K, T]],
    page: NumberedPage,
    *,
    by_cursor: bool,
    matches: Callable[[T], bool] | None = None,
    matches_key: Callable[[K], bool] | None = None,
) -> NewestPage[T]:
    """The page of the rows that `read` names, as `load` reads them.

    A filter looks at the newest MAX_LISTED rows: a narrow one may fill less than a page and still return a cursor.
    `matches` needs all of them loaded. Without a filter, or with `matches_key`, only the page's rows are loaded.
    """
    if matches is None and matches_key is None:
        positions = read(page.read_limit(by_cursor=by_cursor))
        of_page, more_follow, listed = page.of_keys(positions, by_cursor=by_cursor)
        loaded = load([position.key for position in of_page])
        items = [loaded[position.key] for position in of_page if position.key in loaded]
        return NewestPage(items, of_page[-1].text if more_follow else None, listed)
    positions = read(MAX_LISTED + 1)
    window = positions[:MAX_LISTED]
    matching = [position for position in window if matches_key is None or matches_key(position.key)]
    loaded = {}
    if matches is not None:
        loaded = load([position.key for position in matching])
        matching = [position for position in matching if position.key in loaded and matches(loaded[position.key])]
    of_page, more_follow, listed = page.of_keys(matching, by_cursor=by_cursor)
    following = of_page[-1].text if more_follow else None
    if following is None and len(positions) > MAX_LISTED:
        following = window[-1].text
    if matches is None:
        loaded = load([position.key for position in of_page])
    return NewestPage([loaded[position.key] for position in of_page if position.key in loaded], following, listed)
