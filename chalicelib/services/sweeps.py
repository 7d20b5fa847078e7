"""Going through what is due, each alone: one that fails keeps no other waiting, and is told of."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from chalicelib import log
from chalicelib.domain.alarms import Alarm

T = TypeVar("T")


def for_each_isolated(due: Sequence[T], handle: Callable[[T], object], name_of: Callable[[T], str]) -> int:
    """Do it for each; an error is an alarm and the next one's turn. Returns how many there were."""
    for item in due:
        try:
            handle(item)
        except Exception as error:  # noqa: BLE001  whatever it was, the others are due too, and this one comes again
            log.alarm(Alarm.SWEEP_FAILED, about=name_of(item), error=type(error).__name__)
    return len(due)
