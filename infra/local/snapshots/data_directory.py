"""The directory that keeps a sandbox between runs: its state, its snapshots, and a lock."""

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.local.processes import Failed
from infra.local.snapshots import files as snapshot_files
from infra.local.snapshots.files import Content, Head, SnapshotError
from infra.local.snapshots.snapshots import DIRECTORY

STATE, LOCK = "state.gz", "lock"
WAY_OUT = "move its files away to begin anew, or name another directory"
OF_EARLIER_VERSIONS = ("tables.db", "clock.json", "keys.json", "kms.key")


class DataDirectory:
    """One sandbox uses it at a time. Without a path it is a temporary one, which is deleted at the end."""

    def __init__(self, path: Path | None, urls: tuple[str, str]) -> None:
        """Raises Failed, with one line for people, for a directory that can't be used."""
        self._temporary = tempfile.TemporaryDirectory(prefix="bijuli-sandbox-") if path is None else None
        self.path = path or Path(str(self._temporary.name if self._temporary else ""))
        self.is_persistent = path is not None
        self._urls = urls
        self._lock: int | None = None
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._take_lock()
            self.saved = self._read()
            (self.path / DIRECTORY).mkdir(exist_ok=True)
        except OSError as error:
            self.close()
            raise Failed(f"{error.filename or self.path} can't keep data: {error.strerror}") from error
        except SnapshotError as error:
            self.close()
            raise Failed(f"{error}; {WAY_OUT}") from error

    def save(self, content: Content) -> None:
        """Write the state in place of the one before. Raises OSError; then that is still there."""
        head = snapshot_files.head_of(content, self._urls)
        snapshot_files.write(self.path / STATE, snapshot_files.encoded(head, content))
        self.saved = None

    def close(self) -> None:
        """Let another sandbox use it. Harmless when closed already."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        if self._temporary is not None:
            self._temporary.cleanup()

    def _take_lock(self) -> None:
        path = self.path / LOCK
        self._lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            process = path.read_text().strip()
            self.close()
            raise Failed(
                f"{self.path} is used by another sandbox (process {process}): "
                "stop that one, or name another directory"
            ) from error
        os.ftruncate(self._lock, 0)
        os.write(self._lock, f"{os.getpid()}\n".encode())

    def _read(self) -> tuple[Head, Content] | None:
        with suppress(FileNotFoundError):
            return snapshot_files.read(self.path / STATE, self._urls)
        older = [name for name in OF_EARLIER_VERSIONS if (self.path / name).exists()]
        if older:
            raise SnapshotError(
                f"{self.path} was written by an earlier version of the sandbox ({older[0]}), "
                "which this one can't read"
            )
        return None


def keys_of(content: Content) -> dict[str, str]:
    """The keys with which the sandbox of this content encrypted and signed."""
    keys: Any = content.get("keys")
    return {str(name): str(value) for name, value in keys.items()} if isinstance(keys, dict) else {}
