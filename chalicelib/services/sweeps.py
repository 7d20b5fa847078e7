"""Handles due items one by one, so that one failure does not stop the others."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from chalicelib import log
from chalicelib.domain.alarms import Alarm

T = TypeVar("T")


def for_each_isolated(due: Sequence[T], handle: Callable[[T], object], name_of: Callable[[T], str]) -> int:
    """Call `handle` for each item and return their number. An exception raises an alarm."""
    for item in due:
        try:
            handle(item)
        except Exception as error:  # noqa: BLE001  the other items are due too, and the next sweep handles this one again
            log.alarm(Alarm.SWEEP_FAILED, about=name_of(item), error=type(error).__name__)
    return len(due)
