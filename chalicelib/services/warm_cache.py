"""Values that a warm Lambda keeps in memory between requests."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")
_caches: "WeakSet[WarmCache[Any]]" = WeakSet()
_caches_lock = Lock()


class WarmCache(Generic[T]):
    """One value for the whole process, loaded again when it is older than its time to live."""

    def __init__(self) -> None:
        self._loaded: tuple[datetime, T] | None = None
        with _caches_lock:
            _caches.add(self)

    def get(self, now: datetime, ttl: timedelta, load: Callable[[], T]) -> T:
        """The value, loaded when it is missing, too old, or from the future (after the clock was set back)."""
        return self.renew(now, ttl, lambda _: load())

    def renew(self, now: datetime, ttl: timedelta, load: Callable[[T | None], T]) -> T:
        """Like `get`. `load` takes the value before, or None, and may return it unchanged."""
        loaded = self._loaded
        if loaded is None or not _is_fresh(loaded[0], now, ttl):
            self._loaded = loaded = now, load(loaded[1] if loaded else None)
        return loaded[1]

    def is_fresh(self, now: datetime, ttl: timedelta) -> bool:
        """Whether `get` would load nothing."""
        return self._loaded is not None and _is_fresh(self._loaded[0], now, ttl)

    def clear(self) -> None:
        """Drop the value, so that the next `get` loads it."""
        self._loaded = None


def clear_all() -> None:
    """Drop the values of all caches, as if a new process had begun."""
    with _caches_lock:
        caches = list(_caches)
    for cache in caches:
        cache.clear()


def _is_fresh(loaded_at: datetime, now: datetime, ttl: timedelta) -> bool:
    return timedelta() <= now - loaded_at < ttl


class RecentResults:
    """Results by key, at most `max_count` of them. The result that was asked for longest ago leaves first."""

    def __init__(self, max_count: int) -> None:
        self._max_count = max_count
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The result of this key, made when it is missing. Every `make` of one key returns the same type."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                result: T = self._results[key]
                return result
        result = make()
        with self._lock:
            self._results[key] = result
            while len(self._results) > self._max_count:
                self._results.popitem(last=False)
        return result
