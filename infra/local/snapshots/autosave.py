"""Saves the sandbox's state in its data directory while it runs, and at its end."""

import sys
import threading
import time
from collections.abc import Callable

import requests

from infra.local.snapshots.activity_gate import STILL_RUNNING, ActivityGate, StillRunning
from infra.local.snapshots.data_directory import DataDirectory
from infra.local.snapshots.sandbox_state import SandboxState

TICK_SECONDS = 0.2
MIN_PAUSE_SECONDS = 1.0
PAUSE_FACTOR = 10
"""Saving takes at most about a tenth of the time, however large the state has grown."""
MAX_WAIT_FOR_QUIET_SECONDS, MAX_RETRY_WAIT_SECONDS, PAUSE_WAIT_SECONDS = 2.0, 30.0, 3.0
"""How long autosave waits for a moment in which nothing runs, before it pauses the sandbox; how long that may take:
new requests wait meanwhile. It waits twice as long after each failure, for something runs for long."""
LAST_WAIT_SECONDS = 8.0


class Autosave:
    """Writes the state after a change, at most once a second. A killed sandbox loses what came after that."""

    def __init__(
        self, state: SandboxState, activity: ActivityGate, directory: DataDirectory, now: Callable[[], str]
    ) -> None:
        """`now` is the sandbox's time as a text for people."""
        self._state = state
        self._activity = activity
        self._directory = directory
        self._now = now
        self._saved_changes = activity.changes
        self._saved_at = ""
        self._due = 0.0
        self._wait_for_quiet_seconds = MAX_WAIT_FOR_QUIET_SECONDS
        self._last_warning: str | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="autosave", daemon=True)

    def start(self) -> "Autosave":
        if self._directory.is_persistent:
            self._thread.start()
        return self

    def finish(self) -> str:
        """Let nothing begin any more, and save the last state. Returns what was saved, in words. Only once."""
        self._activity.stop()
        self._stopped.set()
        if not self._directory.is_persistent:
            return "nothing is kept; --data-dir DIR keeps everything"
        if self._thread.is_alive():
            self._thread.join()
        why = self._save(LAST_WAIT_SECONDS, for_good=True)
        saved = f"everything is kept in {self._directory.path} as of {self._saved_at}, the sandbox's time"
        return saved if why is None else f"{saved}; nothing later could be kept: {why}"

    def _run(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            late = time.monotonic() - self._due
            if late < 0 or self._activity.changes == self._saved_changes:
                continue
            if self._activity.is_quiet or late > self._wait_for_quiet_seconds:
                self._warn(self._save(PAUSE_WAIT_SECONDS))

    def _warn(self, why: str | None) -> None:
        """Print once why the state can't be saved. What runs for long is no trouble."""
        if why is not None and why != self._last_warning and not why.startswith(STILL_RUNNING):
            print(f"sandbox: the state can't be kept now: {why}", file=sys.stderr, flush=True)
        self._last_warning = why

    def save_start(self) -> None:
        """Save the state of the start. The caller has paused the sandbox. Raises OSError."""
        if self._directory.is_persistent:
            self._saved_at = self._now()
            self._directory.save(self._state.take_now())

    def _save(self, wait_seconds: float, *, for_good: bool = False) -> str | None:
        """Write the state. Returns why that was impossible."""
        try:
            with self._activity.paused(wait_seconds, for_good=for_good):
                begun, changes, at = time.monotonic(), self._activity.changes, self._now()
                content = self._state.take_now()
            self._directory.save(content)
        except (OSError, StillRunning, requests.RequestException) as error:
            # what runs may end at any moment; a full disk does not
            self._due = time.monotonic() + (0 if isinstance(error, StillRunning) else self._wait_for_quiet_seconds)
            self._wait_for_quiet_seconds = min(2 * self._wait_for_quiet_seconds, MAX_RETRY_WAIT_SECONDS)
            return getattr(error, "strerror", None) or str(error) or type(error).__name__
        self._saved_changes, self._saved_at, self._wait_for_quiet_seconds = changes, at, MAX_WAIT_FOR_QUIET_SECONDS
        end = time.monotonic()
        self._due = end + max(MIN_PAUSE_SECONDS, PAUSE_FACTOR * (end - begun))
        return None
