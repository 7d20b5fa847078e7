"""Requests to an engine on this machine, over connections that stay open.

http.client parses the headers of an answer as those of an e-mail, and urllib3 stands on it: together they take half
of the time of a call.
"""

import select
import socket
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECT_SECONDS, READ_SECONDS, READ_BYTES = 30.0, 30.0, 65_536


@dataclass(frozen=True)
class EngineAnswer:
    """An answer. The names of its headers are in lower case."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def stays_open(self) -> bool:
        """Whether the connection takes another request."""
        return self.headers.get("connection", "").lower() != "close"


class ConnectTimedOut(OSError):
    """No connection in time: nothing was sent."""


class EngineConnections:
    """Connections to the engine at a URL, for any number of threads."""

    def __init__(
        self, url: str, *, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS
    ) -> None:
        self.address = urlsplit(url).netloc
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds
        self._idle: deque[socket.socket] = deque()

    def send(self, request: bytes) -> EngineAnswer:
        """Raises ConnectTimedOut, TimeoutError for an answer that does not come, or ConnectionError."""
        connection = self._take() or self._connect()
        stays_open = False
        try:
            connection.sendall(request)
            answer = _read(connection)
            stays_open = answer.stays_open
        finally:
            if stays_open:
                self._idle.append(connection)
            else:
                connection.close()
        return answer

    def close(self) -> None:
        """Closes the idle connections. A call that is running keeps its connection open."""
        while connection := self._pop():
            connection.close()

    def _take(self) -> socket.socket | None:
        """An idle connection, of which nothing may have come: the engine has closed such a one."""
        while connection := self._pop():
            if not _is_readable(connection):
                return connection
            connection.close()
        return None

    def _pop(self) -> socket.socket | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _connect(self) -> socket.socket:
        host, _, port = self.address.partition(":")
        try:
            connection = socket.create_connection((host, int(port)), self._connect_seconds)
        except TimeoutError as error:
            raise ConnectTimedOut(str(error)) from error
        connection.settimeout(self._read_seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def _is_readable(connection: socket.socket) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))


def _read(connection: socket.socket) -> EngineAnswer:
    """Raises ConnectionError for half an answer."""
    received = bytearray()
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _some(connection)
    first, *lines = received[:end].decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    wanted = end + 4 + int(headers["content-length"])
    while len(received) < wanted:
        received += _some(connection)
    return EngineAnswer(int(first.split(" ", 2)[1]), headers, bytes(received[end + 4 : wanted]))


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(READ_BYTES)
    if not received:
        raise ConnectionError("the engine closed the connection before its whole answer came")
    return received
