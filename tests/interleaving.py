"""What others do between somebody's reading and writing: run just before the next transaction goes out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.tables.dynamodb import shared_connection

WRITING = "before-call.dynamodb.TransactWriteItems"


@contextmanager
def interleave(do: Callable[[], Any]) -> Iterator[list[Any]]:
    """Yields what `do` gave back: it is done once, before the first transaction inside, and must be done."""
    done: list[Any] = []
    events = shared_connection().client.meta.events

    def first(**_: Any) -> None:
        events.unregister(WRITING, first)
        done.append(do())

    events.register(WRITING, first)
    try:
        yield done
    finally:
        events.unregister(WRITING, first)
    assert done, "nothing was written"
