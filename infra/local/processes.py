"""Starts child processes, waits until they listen, and stops them."""

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

POLL_SECONDS = 0.02
GRACE_SECONDS = 1.5
DIE_WITH_PARENT = 1
"""prctl's PR_SET_PDEATHSIG."""


class Failed(Exception):
    """A part of the sandbox did not start. The message is one line for people."""


class Process:
    """A child process in a session of its own, so that Ctrl-C reaches only its parent, which stops it in order."""

    def __init__(self, name: str, command: Sequence[str], cwd: Path, *, quiet: bool = False) -> None:
        self.name = name
        try:
            self._child = subprocess.Popen(  # noqa: S603  a command of our own words
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL if quiet else None,
                cwd=cwd,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  before any thread
            )
        except OSError as error:
            raise Failed(f"{name} can't be started: {error.strerror}") from error

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def ended(self) -> bool:
        return self._child.poll() is not None

    def wait_for(self, port: int, read_timeout_seconds: float = 30) -> None:
        """Wait until it listens on the port. Raises Failed when it ends first or takes too long."""
        until = time.monotonic() + read_timeout_seconds
        while time.monotonic() < until:
            code = self._child.poll()
            if code is not None:
                raise Failed(f"{self.name} ended at once, with exit code {code}")
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            # only a connection attempt shows that another process listens
            time.sleep(POLL_SECONDS)
        raise Failed(f"{self.name} did not answer within {read_timeout_seconds:.0f} seconds")

    def stop(self) -> None:
        """Terminate, then kill."""
        if self._child.stdin is not None:
            self._child.stdin.close()
        self._child.terminate()
        try:
            self._child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM)
