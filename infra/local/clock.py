"""The sandbox's clock, which everybody may move forward."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any


class Clock:
    """The sandbox's time: real time plus an offset. Only a restored snapshot sets it back."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> datetime:
        """Raises ValueError for a negative step."""
        if seconds < 0:
            raise ValueError("time does not go backwards")
        with self._lock:
            self._offset += timedelta(seconds=seconds)
        return self.now()

    def state(self) -> str:
        return self.now().isoformat()

    def prepare(self, state: Any) -> Callable[[], None]:
        at = datetime.fromisoformat(state)
        return lambda: self._go_on_from(at)

    def _go_on_from(self, at: datetime) -> None:
        with self._lock:
            self._offset = at - datetime.now(UTC)
