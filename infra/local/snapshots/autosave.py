"""Keeps the sandbox's state in its data directory while it runs, and at its end."""

import sys
import threading
import time
from collections.abc import Callable

import requests

from infra.local.snapshots.data_directory import DataDirectory
from infra.local.snapshots.sandbox_state import SandboxState
from infra.local.snapshots.traffic import STILL_RUNNING, StillRunning, Traffic

TICK_SECONDS = 0.2
MIN_PAUSE_SECONDS = 1.0
PAUSE_FACTOR = 10
"""Keeping takes at most about a tenth of the time, however large the state has grown."""
PATIENCE_SECONDS, MAX_PATIENCE_SECONDS, CLOSING_SECONDS = 2.0, 30.0, 3.0
"""How long it waits for a moment in which nothing runs, before it has such a moment made, and how long that may take:
new requests wait meanwhile. It waits twice as long after each failure, for something runs for long."""
LAST_WAIT_SECONDS = 8.0


class Keeper:
    """After a change it writes the state, at most once a second. A killed sandbox loses what came after the last."""

    def __init__(
        self, state: SandboxState, traffic: Traffic, directory: DataDirectory, now: Callable[[], str]
    ) -> None:
        """`now` is the sandbox's time as a text for people."""
        self._state = state
        self._traffic = traffic
        self._directory = directory
        self._now = now
        self._kept_changes = traffic.changes
        self._kept_at = ""
        self._due = 0.0
        self._patience_seconds = PATIENCE_SECONDS
        self._told: str | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> "Keeper":
        if self._directory.is_kept:
            self._thread.start()
        return self

    def finish(self) -> str:
        """Let nothing begin any more, and keep the last state. Returns what was kept, in words. Only once."""
        self._traffic.stop()
        self._stopped.set()
        if not self._directory.is_kept:
            return "nothing is kept; --data-dir DIR keeps everything"
        if self._thread.is_alive():
            self._thread.join()
        why = self._keep(LAST_WAIT_SECONDS, for_good=True)
        kept = f"everything is kept in {self._directory.path} as of {self._kept_at}, the sandbox's time"
        return kept if why is None else f"{kept}; nothing later could be kept: {why}"

    def _run(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            late = time.monotonic() - self._due
            if late < 0 or self._traffic.changes == self._kept_changes:
                continue
            if self._traffic.is_quiet or late > self._patience_seconds:
                self._tell(self._keep(CLOSING_SECONDS))

    def _tell(self, why: str | None) -> None:
        """Tell people once why the state can't be kept. What runs for long is no trouble."""
        if why is not None and why != self._told and not why.startswith(STILL_RUNNING):
            print(f"sandbox: the state can't be kept now: {why}", file=sys.stderr, flush=True)
        self._told = why

    def keep_first(self) -> None:
        """Keep the state of the start. The caller has closed the traffic. Raises OSError."""
        if self._directory.is_kept:
            self._kept_at = self._now()
            self._directory.keep(self._state.take_now())

    def _keep(self, wait_seconds: float, *, for_good: bool = False) -> str | None:
        """Write the state. Returns why that was impossible."""
        try:
            with self._traffic.closed(wait_seconds, for_good=for_good):
                begun, changes, at = time.monotonic(), self._traffic.changes, self._now()
                content = self._state.take_now()
            self._directory.keep(content)
        except (OSError, StillRunning, requests.RequestException) as error:
            # what runs may end at any moment; a full disk does not
            self._due = time.monotonic() + (0 if isinstance(error, StillRunning) else self._patience_seconds)
            self._patience_seconds = min(2 * self._patience_seconds, MAX_PATIENCE_SECONDS)
            return str(error) or type(error).__name__
        self._kept_changes, self._kept_at, self._patience_seconds = changes, at, PATIENCE_SECONDS
        end = time.monotonic()
        self._due = end + max(MIN_PAUSE_SECONDS, PAUSE_FACTOR * (end - begun))
        return None
