"""Runs delayed calls by the sandbox's clock, whether that clock runs or jumps."""

import heapq
import itertools
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from infra.local.simulation import Clock

TICK_SECONDS = 0.05


class Timetable:
    """Runs delayed calls under `lock`, one at a time, in the order of their times."""

    def __init__(self, clock: Clock) -> None:
        self.lock = threading.RLock()
        self._clock = clock
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._stopped = threading.Event()

    def later(self, clock_seconds: float, do: Callable[[], None]) -> None:
        with self.lock:
            at = self._clock.now() + timedelta(seconds=clock_seconds)
            heapq.heappush(self._due, (at, next(self._order), do))

    def every(self, clock_seconds: float, do: Callable[[], None]) -> None:
        """Run it once per period, and once after any jump of the clock."""

        def again() -> None:
            do()
            self.every(clock_seconds, do)

        self.later(clock_seconds, again)

    def busy(self, within_seconds: float) -> bool:
        """Whether a call is due within that time, unless the clock is moved."""
        with self.lock:
            soon = self._clock.now() + timedelta(seconds=within_seconds)
            return bool(self._due) and self._due[0][0] <= soon

    def next_at(self) -> datetime | None:
        """When the next call is due. None while there is none."""
        with self.lock:
            return self._due[0][0] if self._due else None

    def tick(self) -> None:
        """Run the calls that are due."""
        with self.lock:
            now = self._clock.now()
            while self._due and self._due[0][0] <= now:
                heapq.heappop(self._due)[2]()

    def run(self) -> None:
        """Tick every 50 ms in a thread of its own, until `stop`."""
        threading.Thread(target=self._run, name="timetable", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            self.tick()
