"""Returns from pay pages that come late, by the sandbox's clock."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

import requests

from infra.local.snapshots.activity_gate import ActivityGate, Stopped

TICK_SECONDS = 0.05
Go = Callable[[Any, bool], int]
"""Goes back to the app, or posts the events, of a content. Takes whether it is forged; returns the status."""


class LateReturn(NamedTuple):
    """What a company will send at that time."""

    at: datetime
    company: str
    content: Any


class LateReturns:
    """They wait as data, so that a snapshot holds them."""

    def __init__(self, now: Callable[[], datetime], activity: ActivityGate) -> None:
        self._now = now
        self._activity = activity
        self._waiting: list[LateReturn] = []
        self._companies: dict[str, Go] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def register(self, company: str, go: Go) -> None:
        """`go` sends what waits for this company."""
        self._companies[company] = go

    def add(self, at: datetime, company: str, content: Any) -> None:
        """`content` is something that json can write."""
        with self._lock:
            self._waiting.append(LateReturn(at, company, content))
        self._run()

    def state(self) -> list[Any]:
        with self._lock:
            return [[item.at.isoformat(), item.company, item.content] for item in self._waiting]

    def prepare(self, state: Any) -> Callable[[], None]:
        waiting = [LateReturn(datetime.fromisoformat(at), str(company), content) for at, company, content in state]
        if unknown := {item.company for item in waiting} - self._companies.keys():
            raise ValueError(f"there is no company {', '.join(sorted(unknown))}")

        def apply() -> None:
            with self._lock:
                self._waiting = waiting
            self._run()

        return apply

    def _run(self) -> None:
        """Start the thread when it is first needed. The clock may be moved at any time, so it is read often."""
        with self._lock:
            if self._waiting and self._thread is None:
                self._thread = threading.Thread(target=self._tick, name="late-returns", daemon=True)
                self._thread.start()

    def _tick(self) -> None:
        pause = threading.Event()
        while not pause.wait(TICK_SECONDS):
            if not any(item.at <= self._now() for item in self._waiting):
                continue
            with suppress(Stopped), self._activity.background_work("late returns"):
                self._send_due()

    def _send_due(self) -> None:
        now = self._now()
        with self._lock:
            due = [item for item in self._waiting if item.at <= now]
            self._waiting = [item for item in self._waiting if item.at > now]
        for item in due:
            # an API that does not listen gets none
            with suppress(requests.RequestException):
                self._companies[item.company](item.content, False)
