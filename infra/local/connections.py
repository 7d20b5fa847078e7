"""The connections of a port: a thread for each, which reads requests and sends the WSGI app's responses."""

import io
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, cast
from urllib.parse import unquote

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
"""A WSGI application."""

SILENCE_SECONDS = 75
"""Idle connections are closed after this time, which is longer than the longest long poll."""

MAX_BODY_BYTES = 64 * 1024 * 1024
"""A longer body is not read. Each app has lower bounds of its own."""

EVENT_STREAM = "text/event-stream"
"""The type of a response that is sent part by part while the app makes it."""

REQUESTS_ON_CONNECTION = "bijuli.requests_on_connection"
"""The name in a WSGI environment: how many requests came on this connection, this one included."""


class ConnectionReset(Exception):
    """Raised by a WSGI app that gives no answer: its connection is reset."""


class ConnectionHandler(BaseHTTPRequestHandler):
    """One connection. It reads each body completely before the app runs, so that the next request starts cleanly."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = SILENCE_SECONDS
    requests_count = 0

    def handle(self) -> None:
        with suppress(ConnectionError):  # the client closed the connection, as real clients do
            super().handle()

    def answer(self) -> None:
        refused = self._refused()
        if refused is not None:
            self.close_connection = True
            self.send_error(refused)
            return
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], None]:
            del exc_info
            begun[:] = [(status, headers)]
            return parts.append

        parts: list[bytes] = []
        try:
            body_parts = cast("ThreadedServer", self.server).app(self._environ(), start_response)
        except ConnectionReset:
            self._reset()
            return
        try:
            if _is_stream(begun[0][1]):
                self._stream(*begun[0], body_parts)
                return
            parts.extend(body_parts)
        finally:
            close = getattr(body_parts, "close", None)
            if close is not None:
                close()
        self._send(*begun[0], b"".join(parts))

    # http.server looks for these names
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """An unknown method is the client's fault, not ours."""
        is_unknown = code == HTTPStatus.NOT_IMPLEMENTED
        super().send_error(HTTPStatus.METHOD_NOT_ALLOWED if is_unknown else code, message, explain)

    def _refused(self) -> HTTPStatus | None:
        """The status of a request whose body can't be read."""
        if self.headers.get("Transfer-Encoding"):
            return HTTPStatus.LENGTH_REQUIRED
        length = self.headers.get("Content-Length") or "0"
        if not (length.isascii() and length.isdecimal()):
            return HTTPStatus.BAD_REQUEST
        is_large = len(length) > len(str(MAX_BODY_BYTES)) or int(length) > MAX_BODY_BYTES
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if is_large else None

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        headed = self.command == "HEAD"  # a HEAD response has the length of the body that it omits
        for name, value in headers:
            if name.lower() != "content-length" or headed:
                self.send_header(name, value)
        silent = int(code) in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
        if not silent and not headed:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not silent and not headed:
            self.wfile.write(body)

    def _stream(self, status: str, headers: list[tuple[str, str]], parts: Iterable[bytes]) -> None:
        """Send each part at once. Its length is not known before, so the response ends with the connection."""
        self.close_connection = True
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in [*headers, ("Connection", "close")]:
            self.send_header(name, value)
        self.end_headers()
        for part in parts:
            self.wfile.write(part)

    def _reset(self) -> None:
        """End the connection by RST, as a peer does that has forgotten the connection."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        cast("ThreadedServer", self.server).close_at_once(self.connection)

    def _environ(self) -> dict[str, Any]:
        self.requests_count += 1
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        address = cast("ThreadedServer", self.server).server_address
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.path,
            "REQUEST_URI": self.path,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": self.client_address[0],
            "REMOTE_PORT": str(self.client_address[1]),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(address[1]),
            "SERVER_PROTOCOL": self.request_version,
            REQUESTS_ON_CONNECTION: self.requests_count,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = "HTTP_" + name.upper().replace("-", "_")
            if key not in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"):
                environ[key] = f"{environ[key]},{value}" if key in environ else value
        return environ

    def log_message(self, *args: Any) -> None:
        """Log nothing: the sandbox records calls itself."""


def _is_stream(headers: list[tuple[str, str]]) -> bool:
    return any(name.lower() == "content-type" and value.startswith(EVENT_STREAM) for name, value in headers)


class ThreadedServer(ThreadingTCPServer):
    """The listening socket, with its open connections, so that it can close them."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, app: App, host: str, port: int) -> None:
        self.app = app
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__((host, port), ConnectionHandler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def close_at_once(self, request: socket.socket) -> None:
        """Close a connection without the shutdown that would send FIN before RST."""
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()
        request.close()

    def close_connections(self, read_timeout_seconds: float) -> None:
        """Close every connection, and wait that long for its thread."""
        with self._changed:
            for connection in self._open:
                with suppress(OSError):  # the connection ended by itself just now
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, read_timeout_seconds)
