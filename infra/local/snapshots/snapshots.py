"""Snapshots of the whole sandbox, and the way back to them and to its seeded start."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.feed.event_feed import EventFeed
from infra.local.snapshots import files as snapshot_files
from infra.local.snapshots.files import SnapshotFiles, UnknownSnapshot
from infra.local.snapshots.sandbox_state import SandboxState

START = "start.gz"
DIRECTORY = "snapshots"


class Snapshots:
    """One is taken or restored at a time. The feed tells of each."""

    def __init__(self, state: SandboxState, feed: EventFeed, directory: Path, urls: tuple[str, str]) -> None:
        """They are kept in `directory`."""
        self._state = state
        self._feed = feed
        self._files = SnapshotFiles(directory / DIRECTORY, urls)
        self._start = directory / START
        self._urls = urls
        self._lock = threading.Lock()

    def listing(self) -> list[Mapping[str, Any]]:
        return self._files.listing()

    def take(self, name: str) -> Mapping[str, Any]:
        """Keep the present state under this name, and show it as the listing does.

        Raises WrongName, Full, StillRunning.
        """
        with self._lock:
            self._files.must_take(name)
            self._files.write(name, self._state.take())
            self._feed.add("snapshot", f"{name} taken", name=name)
            return self._files.shown(name)

    def restore(self, name: str) -> None:
        """Raises UnknownSnapshot, WrongName; SnapshotError for one that can't be restored; StillRunning."""
        with self._lock:
            self._state.restore(self._files.read(name))
            self._feed.add("snapshot", f"{name} restored", name=name, restored=True)

    def delete(self, name: str) -> None:
        """Raises UnknownSnapshot, WrongName."""
        with self._lock:
            self._files.delete(name)

    def keep_start(self) -> None:
        """The present state is what `reset` goes back to. The caller has paused the sandbox."""
        content = self._state.take_now()
        snapshot_files.write(
            self._start, snapshot_files.encoded(snapshot_files.head_of(content, self._urls), content)
        )

    def reset(self) -> None:
        """Go back to the seeded start. Raises UnknownSnapshot where its file is gone; SnapshotError, StillRunning."""
        with self._lock:
            try:
                content = snapshot_files.read(self._start, self._urls)[1]
            except FileNotFoundError as error:
                raise UnknownSnapshot("the seeded start is not in the data directory any more") from error
            self._state.restore(content)
            self._feed.add("snapshot", "the seeded start restored", restored=True)
