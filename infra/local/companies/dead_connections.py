"""Companies whose kept connections are dead: the second request on a connection gets no answer."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from infra.local.connections import REQUESTS_ON_CONNECTION, App, ConnectionReset


class DeadConnections:
    """A WSGI app that resets a connection at its second request, before the request has any effect.

    A process that Lambda froze between two requests finds its connections like that. Paths without one of the
    `prefixes` behave as usual.
    """

    def __init__(self, app: App, prefixes: Sequence[str] = ("/",)) -> None:
        self._app = app
        self._prefixes = tuple(prefixes)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ[REQUESTS_ON_CONNECTION] > 1 and environ["PATH_INFO"].startswith(self._prefixes):
            raise ConnectionReset
        return self._app(environ, start_response)
