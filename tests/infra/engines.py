"""The engines of the races, each in a process of its own, and callers that start at once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest

from infra.local import dynoxide
from infra.local.aws import cloud

T = TypeVar("T")
ENGINES = ("moto", "dynoxide")
CALLERS = 16
TIMEOUT_SECONDS = 120


@contextmanager
def running(engine: str) -> Iterator[cloud.Cloud]:
    """An empty engine. Skips without dynoxide, which `python -m infra.local.dynoxide` fetches."""
    if engine == "dynoxide" and dynoxide.find_executable() is None:
        pytest.skip("dynoxide is not here")
    up = cloud.start(engine)
    try:
        yield up
    finally:
        up.stop()


def run_concurrently(callers: int, action: Callable[[int], T]) -> list[T]:
    """The results of all callers, which start together."""
    barrier = threading.Barrier(callers, timeout=TIMEOUT_SECONDS)

    def run(number: int) -> T:
        barrier.wait()
        return action(number)

    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(run, range(callers)))


def text_value(value: Any) -> dict[str, str]:
    return {"S": str(value)}


def number_value(value: int) -> dict[str, str]:
    return {"N": str(value)}
