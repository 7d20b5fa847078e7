"""Runs an action just before one call of the database: between a verb's reads and its writes, or two of its reads."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any

from chalicelib.tables.dynamodb import shared_connection

WRITING = "before-call.dynamodb.TransactWriteItems"
READING = "before-call.dynamodb.BatchGetItem"


@contextmanager
def interleave(do: Callable[[], Any], *, before: str = WRITING, number: int = 1) -> Iterator[list[Any]]:
    """Run `do` once before a call inside the block: its first transaction, or the call `before` with this number.

    Yields the result of `do`. Fails if it never ran.

    It runs in a thread of its own, as in another process: the rights of the function in the block are not its rights.
    """
    results: list[Any] = []
    events = shared_connection().client.meta.events

    numbers = count(1)

    def run(**_: Any) -> None:
        if next(numbers) < number:
            return
        events.unregister(before, run)
        with ThreadPoolExecutor(1) as another:
            results.append(another.submit(do).result())

    events.register(before, run)
    try:
        yield results
    finally:
        events.unregister(before, run)
    assert results, "no such call"
