"""Counts what runs in the sandbox, and pauses it for the moment in which a snapshot is taken or restored."""

import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from infra.local.connections import App, ConnectionReset

HEADER = "X-Sandbox-Internal"
WAIT_SECONDS = 20.0
STILL_RUNNING = "still running"


class StillRunning(Exception):
    """Something did not end in time. The message names it."""


class Stopped(Exception):
    """The sandbox stops: nothing begins any more."""


class ActivityGate:
    """Counts requests from outside, and background work, which the sandbox does by itself or for a request.

    `paused` lets requests end first. Background work goes on until then, for a request may wait for it. Then it ends
    too.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._pausing = threading.Lock()
        self._requests: dict[object, str] = {}
        self._background: dict[object, str] = {}
        self._takes_requests = self._takes_background = True
        self._is_stopping = self._is_replacing = False
        self.changes = 0
        """Grows with everything that may have changed something."""
        self.epoch = 0
        """Grows with each restore. What was received before a restore is not handled after it."""
        self.internal_headers = {HEADER: secrets.token_hex(16)}
        """The header of requests that are part of a request or of background work, and so don't wait."""

    @contextmanager
    def request(self, name: str, *, changes: bool = True) -> Iterator[None]:
        """A request from outside runs inside the block. It waits while the sandbox is paused. Raises Stopped."""
        token = self._begin(self._requests, name, lambda: self._takes_requests and not self._is_stopping)
        try:
            yield
        finally:
            self._end(self._requests, token, changes=changes)

    @contextmanager
    def background_work(self, name: str) -> Iterator[None]:
        """Background work runs inside the block. It waits while the sandbox is paused. Raises Stopped."""
        end = self.begin_background_work(name)
        try:
            yield
        finally:
            end()

    def begin_background_work(self, name: str) -> Callable[[], None]:
        """Begin background work that another thread may end by calling the result, once. Raises Stopped."""
        token = self._begin(self._background, name, lambda: self._takes_background)
        return lambda: self._end(self._background, token, changes=True)

    def note_change(self) -> None:
        """Something changed outside of requests and background work, such as an upload straight to a company."""
        with self._changed:
            self.changes += 1

    @property
    def is_quiet(self) -> bool:
        """Whether nothing runs."""
        with self._changed:
            return not self._requests and not self._background

    @property
    def ends_long_requests(self) -> bool:
        """Whether the sandbox stops, or waits to replace everything: what a long request still does is of no use."""
        return self._is_stopping or self._is_replacing

    def hang(self, seconds: float) -> None:
        """Wait that long, or until long requests are to end."""
        with self._changed:
            self._changed.wait_for(lambda: self.ends_long_requests, seconds)

    @contextmanager
    def paused(
        self, wait_seconds: float = WAIT_SECONDS, *, for_good: bool = False, replaces: bool = False
    ) -> Iterator[None]:
        """Nothing runs inside the block, and nothing after it if it is paused `for_good`.

        Long requests end early when the block `replaces` everything. Raises StillRunning when something does not end
        in time.
        """
        until = time.monotonic() + wait_seconds
        with self._pausing:
            try:
                with self._changed:
                    self._takes_requests, self._is_replacing = False, replaces
                    self._changed.notify_all()
                    self._wait_for_end_of(self._requests, until)
                    self._takes_background = False
                    self._wait_for_end_of(self._background, until)
                yield
            finally:
                with self._changed:
                    self._takes_requests = self._takes_background = not for_good
                    self._is_replacing = False
                    self._changed.notify_all()

    def stop(self) -> None:
        """From now on no request begins, and background work only until the sandbox is paused. What waits raises
        Stopped."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()

    def _begin(self, running: dict[object, str], name: str, is_open: Callable[[], bool]) -> object:
        token = object()
        with self._changed:
            self._changed.wait_for(lambda: is_open() or self._is_stopping)
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


class GatedApp:
    """A WSGI app whose requests pass the gate. Internal requests and those to `ungated_paths` (prefixes) don't."""

    def __init__(self, app: App, activity: ActivityGate, ungated_paths: Collection[str] = ()) -> None:
        self._app = app
        self._activity = activity
        self._ungated_paths = tuple(ungated_paths)
        self._header = f"HTTP_{HEADER.upper().replace('-', '_')}"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        is_internal = environ.pop(self._header, None) == self._activity.internal_headers[HEADER]
        if is_internal or path.startswith(self._ungated_paths):
            return self._app(environ, start_response)
        try:
            with self._activity.request(f"{method} {path}", changes=method not in ("GET", "HEAD")):
                return [b"".join(self._app(environ, start_response))]
        except Stopped as stopped:
            raise ConnectionReset from stopped
