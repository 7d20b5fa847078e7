"""Runs an action just before the next transaction: between the reads and the writes of a verb."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from chalicelib.tables.dynamodb import shared_connection

WRITING = "before-call.dynamodb.TransactWriteItems"


@contextmanager
def interleave(do: Callable[[], Any]) -> Iterator[list[Any]]:
    """Run `do` once before the first transaction inside the block. Yields its result. Fails if it never ran.

    It runs in a thread of its own, as in another process: the rights of the function in the block are not its rights.
    """
    results: list[Any] = []
    events = shared_connection().client.meta.events

    def first(**_: Any) -> None:
        events.unregister(WRITING, first)
        with ThreadPoolExecutor(1) as another:
            results.append(another.submit(do).result())

    events.register(WRITING, first)
    try:
        yield results
    finally:
        events.unregister(WRITING, first)
    assert results, "nothing was written"
