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


def random_pause_seconds(tries: int, longest: float = MAX_PAUSE_SECONDS) -> float:
    """The pause after `tries` tries: at random from half to all of a span, which doubles up to `longest`."""
    span = min(longest, FIRST_PAUSE_SECONDS * 2.0 ** (tries - 1))
    return span * (0.5 + secrets.randbelow(1000) / 2000)


def pause_after(tries: int) -> None:
    """Wait after `tries` tries of a call."""
    Pause.wait(random_pause_seconds(tries))


def each_try() -> Iterator[None]:
    """An item for each try of a call: the first at once, each other one after a pause.

    Raises Problem("storage_unavailable") after MAX_TRIES.
    """
    for tries in range(MAX_TRIES):
        if tries:
            pause_after(tries)
        yield
    raise Problem("storage_unavailable", retry_after_seconds=2)
