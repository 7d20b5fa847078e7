"""Serves one WSGI app on a port: a thread per connection, HTTP/1.1 kept alive, quiet."""

import ssl
import threading
from typing import Any

from infra.local.connections import App, ThreadedServer


class Serving:
    """A WSGI app (a Flask app is one) at a port of this machine. Port 0 takes a free one; OSError for one in use.

    With `tls` it speaks HTTPS. A response is sent when it is complete, server-sent events one by one. A chunked
    request gets 411, a body of more than 64 MiB 413.
    """

    def __init__(
        self, app: Any, port: int = 0, tls: ssl.SSLContext | None = None, *, host: str = "127.0.0.1"
    ) -> None:
        self.app: App = app
        self._host = host
        self._server = ThreadedServer(app, host, port)
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name=f"serving-{self.port}", daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"{self._scheme}://{self._host}:{self.port}"

    def start(self) -> "Serving":
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection. Harmless when it never started."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._server.close_connections(read_timeout_seconds=2)
