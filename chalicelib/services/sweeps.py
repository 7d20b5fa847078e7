"""Handles due items one by one, so that one failure does not stop the others."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.world.time_left import has_time

T = TypeVar("T")
ITEM_SECONDS = 20.0
"""An item is begun only while so much time is left: a silent company costs up to 14 s, and DynamoDB the rest."""
LOOK_UP_WORKERS = 8
"""How many answers of a payment gateway a sweep waits for at once."""


def for_each_isolated(
    due: Sequence[T], handle: Callable[[T], object], name_of: Callable[[T], str], *, workers: int = 1
) -> int:
    """Call `handle` for each item and return how many were handled. An exception raises an alarm.

    At most `workers` items are handled at once, each begun in the order of `due`. Items for which the run has no time
    left are not begun: the next run handles them.
    """
    handled: list[str] = []

    def handle_alone(item: T) -> None:
        if not has_time(ITEM_SECONDS):
            return
        handled.append(name_of(item))
        try:
            handle(item)
        except Exception as error:  # noqa: BLE001  the other items are due too, and the next sweep handles this one again
            log.alarm(Alarm.SWEEP_FAILED, about=name_of(item), error=type(error).__name__)

    if workers == 1 or len(due) < 2:
        for item in due:
            handle_alone(item)
    else:
        _handle_at_once(due, handle_alone, workers)
    if len(handled) < len(due):
        log.fact("sweep_out_of_time", about=f"{len(due) - len(handled)} items")
    return len(handled)


def for_each_batch(
    due: Sequence[T], size: int, handle: Callable[[Sequence[T]], object], name_of: Callable[[T], str]
) -> int:
    """Call `handle` for batches of up to `size` items and return how many items were handled.

    The items of a batch that fails are handled one by one (`for_each_isolated`). When the run has no time left
    for a batch, it begins neither that one nor those behind it.
    """
    for start in range(0, len(due), size):
        if not has_time(ITEM_SECONDS):
            return start
        batch = due[start : start + size]
        try:
            handle(batch)
        except Exception:  # noqa: BLE001  one item that fails must not keep the others of its batch from being handled
            for_each_isolated(batch, lambda item: handle([item]), name_of)
    return len(due)


def _handle_at_once(due: Sequence[T], handle: Callable[[T], None], workers: int) -> None:
    with ThreadPoolExecutor(workers) as pool:
        for item in due:
            # the context of this run: each item needs a copy of its own
            pool.submit(copy_context().run, handle, item)
