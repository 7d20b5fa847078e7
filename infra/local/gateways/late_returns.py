"""Returns and events of pay pages that come after the press, at once or late, by the sandbox's clock."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import requests

from infra.local.delayed_calls import Timetable
from infra.local.snapshots.activity_gate import ActivityGate

Go = Callable[[Any, bool], int]
"""Goes back to the app, or posts the events, of a content. Takes whether it is forged; returns the status."""


class LateReturns:
    """Delayed calls by the names of the companies. The thread that makes them starts with the first one."""

    def __init__(self, now: Callable[[], datetime], activity: ActivityGate) -> None:
        self._timetable = Timetable(now, activity, "late returns")
        self._lock = threading.Lock()
        self._runs = False

    def register(self, company: str, go: Go) -> None:
        """`go` sends what waits for this company."""

        def send(content: Any, forged: bool = False) -> None:
            # an API that does not listen gets none
            with suppress(requests.RequestException):
                go(content, forged)

        self._timetable.register(company, send)

    def add(self, clock_seconds: float, company: str, content: Any, forged: bool = False) -> None:
        """Send the content, a JSON value, after `clock_seconds` of the clock."""
        self._timetable.later(clock_seconds, company, content, forged)
        self._run()

    def busy(self) -> bool:
        """Whether one is due. Waits for the end of the one that runs."""
        return self._timetable.busy(0)

    def state(self) -> list[Any]:
        return self._timetable.state()

    def prepare(self, state: Any) -> Callable[[], None]:
        replace_calls = self._timetable.prepare(state)

        def apply() -> None:
            replace_calls()
            self._run()

        return apply

    def _run(self) -> None:
        with self._lock:
            if not self._runs:
                self._runs = True
                self._timetable.run()
