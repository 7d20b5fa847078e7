"""Counts the requests of a simulated company and the connections that they came on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from infra.local.connections import REQUESTS_ON_CONNECTION, App


@dataclass
class ConnectionCount:
    """A WSGI app around another one."""

    app: App
    connections: int = 0
    requests: int = 0
    lock: Lock = field(default_factory=Lock)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with self.lock:
            self.requests += 1
            self.connections += environ[REQUESTS_ON_CONNECTION] == 1
        return self.app(environ, start_response)
