"""A value that a warm Lambda keeps in memory between requests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")


class WarmCache(Generic[T]):
    """One value for the whole process, loaded again when it is older than its time to live."""

    def __init__(self) -> None:
        self._loaded: tuple[datetime, T] | None = None

    def get(self, now: datetime, ttl: timedelta, load: Callable[[], T]) -> T:
        """The value, loaded when it is missing, too old, or from the future (after the clock was set back)."""
        if self._loaded is None or not timedelta() <= now - self._loaded[0] < ttl:
            self._loaded = now, load()
        return self._loaded[1]

    def clear(self) -> None:
        """Drop the value, so that the next `get` loads it."""
        self._loaded = None
