"""Runs delayed calls by the sandbox's clock, whether that clock runs or jumps."""

import heapq
import itertools
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from infra.local.snapshots.activity_gate import ActivityGate, Stopped

TICK_SECONDS = 0.05
Argument = str | int | bool | list[Any] | dict[str, Any]
"""Something that json can write."""


@dataclass(order=True)
class DelayedCall:
    """A call as data, so that a snapshot holds it. With `period_seconds` it comes again."""

    at: datetime
    order: int
    name: str = field(compare=False)
    arguments: tuple[Argument, ...] = field(compare=False)
    period_seconds: float | None = field(default=None, compare=False)


class Timetable:
    """Runs delayed calls under `lock`, one at a time, in the order of their times."""

    def __init__(self, now: Callable[[], datetime], activity: ActivityGate, name: str) -> None:
        """`now` is the sandbox's time. `name` says whose calls they are, where something waits for their end."""
        self.lock = threading.RLock()
        self._now = now
        self._activity = activity
        self._name = name
        self._due: list[DelayedCall] = []
        self._calls: dict[str, Callable[..., None]] = {}
        self._order = itertools.count()
        self._stopped = threading.Event()

    def register(self, name: str, do: Callable[..., None]) -> None:
        """`later` and `every` call it by this name."""
        self._calls[name] = do

    def later(self, clock_seconds: float, name: str, *arguments: Argument) -> None:
        self._push(clock_seconds, name, arguments)

    def every(self, clock_seconds: float, name: str, *arguments: Argument) -> None:
        """Run it once per period, and once after any jump of the clock."""
        self._push(clock_seconds, name, arguments, clock_seconds)

    def busy(self, within_seconds: float) -> bool:
        """Whether a call is due within that time, unless the clock is moved."""
        with self.lock:
            soon = self._now() + timedelta(seconds=within_seconds)
            return bool(self._due) and self._due[0].at <= soon

    def next_at(self) -> datetime | None:
        """When the next call is due. None while there is none."""
        with self.lock:
            return self._due[0].at if self._due else None

    def tick(self) -> None:
        """Run the calls that are due."""
        with self.lock:
            now = self._now()
            while self._due and self._due[0].at <= now:
                call = heapq.heappop(self._due)
                self._calls[call.name](*call.arguments)
                if call.period_seconds is not None:
                    self.every(call.period_seconds, call.name, *call.arguments)

    def run(self) -> None:
        """Tick every 50 ms in a thread of its own, until `stop`."""
        threading.Thread(target=self._run, name=f"timetable of {self._name}", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def state(self) -> list[Any]:
        with self.lock:
            return [
                [call.at.isoformat(), call.name, list(call.arguments), call.period_seconds]
                for call in sorted(self._due)
            ]

    def prepare(self, state: Any) -> Callable[[], None]:
        due = [
            DelayedCall(datetime.fromisoformat(at), next(self._order), name, tuple(arguments), period)
            for at, name, arguments, period in state
        ]
        if unknown := {call.name for call in due} - self._calls.keys():
            raise ValueError(f"there is no delayed call {', '.join(sorted(unknown))}")
        heapq.heapify(due)

        def apply() -> None:
            with self.lock:
                self._due = due

        return apply

    def _push(
        self, clock_seconds: float, name: str, arguments: tuple[Argument, ...], period: float | None = None
    ) -> None:
        with self.lock:
            at = self._now() + timedelta(seconds=clock_seconds)
            heapq.heappush(self._due, DelayedCall(at, next(self._order), name, arguments, period))

    def _run(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            if self.busy(0):
                with suppress(Stopped), self._activity.background_work(self._name):
                    self.tick()
