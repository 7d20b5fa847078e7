"""Handles due items one by one, so that one failure does not stop the others."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from chalicelib import log
from chalicelib.domain.alarms import Alarm

T = TypeVar("T")
LOOK_UP_WORKERS = 8
"""How many answers of a payment gateway a sweep waits for at once."""


def for_each_isolated(
    due: Sequence[T], handle: Callable[[T], object], name_of: Callable[[T], str], *, workers: int = 1
) -> int:
    """Call `handle` for each item and return their number. An exception raises an alarm.

    At most `workers` items are handled at once, each begun in the order of `due`.
    """

    def handle_alone(item: T) -> None:
        try:
            handle(item)
        except Exception as error:  # noqa: BLE001  the other items are due too, and the next sweep handles this one again
            log.alarm(Alarm.SWEEP_FAILED, about=name_of(item), error=type(error).__name__)

    if workers == 1 or len(due) < 2:
        for item in due:
            handle_alone(item)
        return len(due)
    with ThreadPoolExecutor(workers) as pool:
        for item in due:
            # the context of this run: each item needs a copy of its own
            pool.submit(copy_context().run, handle_alone, item)
    return len(due)
