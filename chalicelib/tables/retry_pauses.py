"""Random pauses between two tries of a call to DynamoDB."""

import secrets
import time
from collections.abc import Callable, Iterator

from chalicelib.domain.problems.problems import Problem

MAX_TRIES = 8
"""All pauses between this many tries take up to 1.3 s."""
FIRST_PAUSE_SECONDS = 0.02
MAX_PAUSE_SECONDS = 0.32


class Pause:
    """How this process waits. `connect` sets it."""

    wait: Callable[[float], None] = time.sleep


def pause_after(tries: int) -> None:
    """Wait after `tries` tries: a random part of a span that doubles up to MAX_PAUSE_SECONDS."""
    longest = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (tries - 1))
    Pause.wait(longest * (0.5 + secrets.randbelow(1000) / 2000))


def each_try() -> Iterator[None]:
    """An item for each try of a call: the first at once, each other one after a pause.

    Raises Problem("storage_unavailable") after MAX_TRIES.
    """
    for tries in range(MAX_TRIES):
        if tries:
            pause_after(tries)
        yield
    raise Problem("storage_unavailable", retry_after_seconds=2)
