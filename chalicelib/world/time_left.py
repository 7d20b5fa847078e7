"""The time that the running request, batch or schedule has left: no call is begun that could end after it."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from chalicelib.domain.operations.block_value import set_inside

SecondsLeft = Callable[[], float]
"""The seconds until the run reaches its time-out."""
ANSWER_SECONDS = 1.0
"""The time to answer after the last call."""


_seconds_left: ContextVar[SecondsLeft] = ContextVar("seconds_left", default=lambda: math.inf)


@contextmanager
def limited_to(lambda_context: Any, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Inside the block `has_time` counts down the time of a Lambda run. A run without a context has no end."""
    left = math.inf if lambda_context is None else float(lambda_context.get_remaining_time_in_millis()) / 1000
    ends_at = clock() + left
    with set_inside(_seconds_left, lambda: ends_at - clock()):
        yield


@contextmanager
def reserved(seconds: float) -> Iterator[None]:
    """Inside the block `seconds` fewer are left: what follows the block has them."""
    outside = _seconds_left.get()
    with set_inside(_seconds_left, lambda: outside() - seconds):
        yield


def has_time(seconds: float) -> bool:
    """Whether a call that takes up to `seconds` may begin now."""
    return seconds + ANSWER_SECONDS <= _seconds_left.get()()
