"""Runs the schedules at their rates by the sandbox's clock, each once after the clock was moved."""

import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from infra.local.aws.invocation import run_limited, timeout_seconds
from infra.local.aws.lambdas import Context, Schedule, clock_event
from infra.local.clock import Clock
from infra.local.snapshots.activity_gate import ActivityGate, Stopped

POLL_MNS = "poll_mns"
POLL_SECONDS = 20.0
BRIEF_SECONDS = 7.2
"""The length of one poll: the function needs two seconds for a poll and five seconds in reserve."""
TICK_SECONDS = 0.5
PAUSE_SECONDS = 0.2


class ScheduleRunner:
    """Runs `poll_mns` all the time in a thread of its own, and the other schedules when they are due."""

    def __init__(self, clock: Clock, schedules: Sequence[Schedule], activity: ActivityGate | None = None) -> None:
        self._clock = clock
        self._activity = activity or ActivityGate()
        self._schedules = {schedule.name: schedule for schedule in schedules}
        now = clock.now()
        self._due = {name: schedule.after(now) for name, schedule in self._schedules.items() if name != POLL_MNS}
        self._lock = threading.Lock()
        self._hand = threading.Lock()
        self._stopped = threading.Event()

    def start(self) -> "ScheduleRunner":
        for work in (self._tick, self._poll):
            threading.Thread(target=work, daemon=True).start()
        return self

    def stop(self) -> None:
        self._stopped.set()

    def listing(self) -> list[dict[str, Any]]:
        """Names, rates, and the next time each is due (None for the schedule that always runs)."""
        with self._lock:
            return [
                {"name": name, "rate": schedule.rate, "due_at": due.isoformat() if due else None}
                for name, schedule in self._schedules.items()
                for due in [self._due.get(name)]
            ]

    def run(self, name: str) -> Any:
        """Run one now and return its result. Raises KeyError for an unknown name, or the schedule's own error."""
        schedule = self._schedules[name]
        return self._invoke(schedule, BRIEF_SECONDS if name == POLL_MNS else timeout_seconds(name))

    @contextmanager
    def held(self) -> Iterator[None]:
        """No schedule runs by itself inside the block, so that whoever moves the clock decides when they run."""
        with self._hand:
            yield

    def run_due(self) -> list[str]:
        """Run each due schedule once. Returns their names. A failing schedule does not stop the others.

        Where the sandbox stops or a restore waits, the rest stays due.
        """
        now, ran = self._clock.now(), list[str]()
        for name in self._due_at(now):
            if self._activity.ends_long_requests:
                break
            self._plan_after(name, now)
            self._survive(name, timeout_seconds(name))
            ran.append(name)
        return ran

    def state(self) -> dict[str, str]:
        """When each schedule is due."""
        with self._lock:
            return {name: due.isoformat() for name, due in self._due.items()}

    def prepare(self, state: Any) -> Callable[[], None]:
        due = {name: datetime.fromisoformat(at) for name, at in state.items() if name in self._due}

        def apply() -> None:
            with self._lock:
                self._due.update(due)

        return apply

    def _due_at(self, now: datetime) -> list[str]:
        with self._lock:
            return [name for name, at in self._due.items() if at <= now]

    def _plan_after(self, name: str, now: datetime) -> None:
        with self._lock:
            self._due[name] = self._schedules[name].after(now)

    def _invoke(self, schedule: Schedule, seconds: float) -> Any:
        event, context = clock_event(schedule, self._clock.now()), Context(schedule.name, seconds)
        return run_limited(schedule.name, seconds, lambda: schedule.handler(event, context))

    def _survive(self, name: str, seconds: float) -> None:
        try:
            self._invoke(self._schedules[name], seconds)
        except Exception:  # noqa: BLE001  Lambda survives a function that fails; the next run is another
            if not self._stopped.is_set():
                traceback.print_exc()

    def _tick(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            with suppress(Stopped), self._hand:
                if self._due_at(self._clock.now()):
                    with self._activity.background_work("schedules"):
                        self.run_due()

    def _poll(self) -> None:
        while POLL_MNS in self._schedules and not self._stopped.wait(PAUSE_SECONDS):
            self._survive(POLL_MNS, POLL_SECONDS)
