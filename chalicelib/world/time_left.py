"""The time that the running request or batch has left: no call is begun that could end after it."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

ANSWER_SECONDS = 1.0
"""The time to answer after the last call."""
_ends_at: ContextVar[float] = ContextVar("ends_at", default=math.inf)


@contextmanager
def limited_to(lambda_context: Any) -> Iterator[None]:
    """Inside the block `has_time` counts down the time of a Lambda run. A run without a context has no end."""
    left = math.inf if lambda_context is None else float(lambda_context.get_remaining_time_in_millis()) / 1000
    token = _ends_at.set(time.monotonic() + left)
    try:
        yield
    finally:
        _ends_at.reset(token)


def has_time(seconds: float) -> bool:
    """Whether a call that takes up to so many seconds may begin now."""
    return time.monotonic() + seconds + ANSWER_SECONDS <= _ends_at.get()
