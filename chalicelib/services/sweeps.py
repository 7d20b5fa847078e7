"""Going through what is due, each alone: one that fails keeps no other waiting, and is told of."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from chalicelib import log

T = TypeVar("T")


def each_alone(due: Sequence[T], do: Callable[[T], object], name_of: Callable[[T], str]) -> int:
    """Do it for each; an error is an alarm and the next one's turn. Returns how many there were."""
    for one in due:
        try:
            do(one)
        except Exception as error:  # noqa: BLE001  whatever it was, the others are due too, and this one comes again
            log.alarm("sweep_failed", about=name_of(one), error=type(error).__name__)
    return len(due)
