"""Counts what runs in the sandbox, and stops it for the moment in which a snapshot is taken or restored."""

import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from infra.local.serving import App, ConnectionReset

HEADER = "X-Sandbox-Part"
WAIT_SECONDS = 20.0
STILL_RUNNING = "still running"


class StillRunning(Exception):
    """Something did not end in time. The message names it."""


class Stopped(Exception):
    """The sandbox stops: nothing begins any more."""


class Traffic:
    """What runs: visits (requests from outside) and work (what the sandbox does by itself, or for a visit).

    `closed` lets visits end first. Work goes on until then, for a visit may wait for it. Then work ends too.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._closing = threading.Lock()
        self._visits: dict[object, str] = {}
        self._works: dict[object, str] = {}
        self._takes_visits = self._takes_work = True
        self.is_stopping = False
        """Whether the sandbox stops, so that a long request ends early."""
        self.changes = 0
        """Grows with everything that may have changed something."""
        self.epoch = 0
        """Another number after each restore: what was received before is of another world."""
        self.inside = {HEADER: secrets.token_hex(16)}
        """The header of requests that are part of a visit or of work, and so don't wait."""

    @contextmanager
    def visit(self, name: str, *, changes: bool = True) -> Iterator[None]:
        """A request from outside; waits while the sandbox is closed. Raises Stopped."""
        token = self._begin(self._visits, name, lambda: self._takes_visits and not self.is_stopping)
        try:
            yield
        finally:
            self._end(self._visits, token, changes=changes)

    @contextmanager
    def work(self, name: str) -> Iterator[None]:
        """Work of the sandbox; waits while the sandbox is closed. Raises Stopped."""
        end = self.begin_work(name)
        try:
            yield
        finally:
            end()

    def begin_work(self, name: str) -> Callable[[], None]:
        """Begin work that another thread may end by calling the result, once. Raises Stopped."""
        token = self._begin(self._works, name, lambda: self._takes_work)
        return lambda: self._end(self._works, token, changes=True)

    def note_change(self) -> None:
        """Something changed outside of visits and work, such as an upload straight to a company."""
        with self._changed:
            self.changes += 1

    @property
    def is_quiet(self) -> bool:
        """Whether nothing runs."""
        with self._changed:
            return not self._visits and not self._works

    @contextmanager
    def closed(self, wait_seconds: float = WAIT_SECONDS, *, for_good: bool = False) -> Iterator[None]:
        """Nothing runs inside the block, and nothing after it if it is closed `for_good`.

        Raises StillRunning when something does not end in time.
        """
        until = time.monotonic() + wait_seconds
        with self._closing:
            try:
                with self._changed:
                    self._takes_visits = False
                    self._wait_for_end_of(self._visits, until)
                    self._takes_work = False
                    self._wait_for_end_of(self._works, until)
                yield
            finally:
                with self._changed:
                    self._takes_visits = self._takes_work = not for_good
                    self._changed.notify_all()

    def stop(self) -> None:
        """From now on no visit begins, and work only until the sandbox is closed. What waits raises Stopped."""
        with self._changed:
            self.is_stopping = True
            self._changed.notify_all()

    def _begin(self, running: dict[object, str], name: str, is_open: Callable[[], bool]) -> object:
        token = object()
        with self._changed:
            self._changed.wait_for(lambda: is_open() or self.is_stopping)
            if not is_open():
                raise Stopped(name)
            running[token] = name
        return token

    def _end(self, running: dict[object, str], token: object, *, changes: bool) -> None:
        with self._changed:
            del running[token]
            self.changes += changes
            self._changed.notify_all()

    def _wait_for_end_of(self, running: dict[object, str], until: float) -> None:
        if not self._changed.wait_for(lambda: not running, max(0.0, until - time.monotonic())):
            names = ", ".join(sorted(set(running.values())))
            raise StillRunning(f"{STILL_RUNNING}: {names}; please try again")


class Visited:
    """A WSGI app whose requests are visits, but for those that are part of another and those to `free` paths."""

    def __init__(self, app: App, traffic: Traffic, free: Collection[str] = ()) -> None:
        self._app = app
        self._traffic = traffic
        self._free = tuple(free)
        self._header = f"HTTP_{HEADER.upper().replace('-', '_')}"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        is_part = environ.pop(self._header, None) == self._traffic.inside[HEADER]
        if is_part or (self._free and path.startswith(self._free)):
            return self._app(environ, start_response)
        try:
            with self._traffic.visit(f"{method} {path}", changes=method not in ("GET", "HEAD")):
                return [b"".join(self._app(environ, start_response))]
        except Stopped as stopped:
            raise ConnectionReset from stopped
