"""Gives free ports of this machine, each to one process."""

import fcntl
import os
import random
import socket
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache

PORTS = range(20_000, 32_000)
"""Below those that operating systems give to outgoing connections: one of these may begin before we listen."""
_given: set[int] = set()


def free_port(ports: Sequence[int] = PORTS) -> int:
    """A port that no process listens on, and that was given neither to this process nor to one that still runs.

    The process to which it is given may start another one that listens on it seconds later. Until this process ends,
    no other process of the same user gets the port.
    """
    while True:
        port = random.choice(ports)
        if port in _given or not _reserved(port):
            continue
        _given.add(port)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _reserved(port: int) -> bool:
    """Lock the port's byte of a file that all processes share. The operating system unlocks it when this one ends."""
    reservations = _reservations()
    with suppress(BlockingIOError, PermissionError):  # another process has the lock
        fcntl.lockf(reservations, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        return True
    return False


@cache
def _reservations() -> int:
    """The shared file. It stays open: a process that closes it loses all its locks."""
    path = f"{tempfile.gettempdir()}/bijuli-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
