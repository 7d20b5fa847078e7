"""Calls a DynamoDB engine at a URL in plain JSON, with a minimal HTTP client.

http.client parses the headers of an answer as those of an e-mail, which takes a quarter of a racing thread's time.
"""

import base64
import json
import socket
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from tests.world.direct_client import ERRORS, Answer, http_response

WAIT_SECONDS = 30
READ_BYTES = 65_536
HEADERS = (
    "POST / HTTP/1.1\r\n"
    "Host: {address}\r\n"
    "Content-Type: application/x-amz-json-1.0\r\n"
    "X-Amz-Target: {target}\r\n"
    "X-Amz-Date: 20300101T000000Z\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=test/20300101/ap-south-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=none\r\n"
    "Content-Length: {length}\r\n\r\n"
)
"""Engines on this machine need a signature, and do not check it."""


class JsonEngine:
    """Calls the engine over connections that stay open; for any number of threads.

    A call takes a tenth of the time of botocore's call, so that callers compete at the engine and not in this
    process.
    """

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._idle: deque[socket.socket] = deque()

    def __call__(self, model: Any, params: dict[str, Any]) -> Answer:
        content = json.dumps(params, default=_base64_text).encode()
        target = f"{model.service_model.metadata['targetPrefix']}.{model.name}"
        headers = HEADERS.format(address=self._address, target=target, length=len(content))
        status, answer = self._send(headers.encode() + content)
        return _parsed(status, json.loads(answer, object_hook=_with_bytes))

    def close(self) -> None:
        """Closes the idle connections. A call that is running keeps its connection open."""
        while self._idle:
            self._idle.pop().close()

    def _send(self, request: bytes) -> tuple[int, bytes]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._connect()
        stays_open = False
        try:
            connection.sendall(request)
            status, stays_open, answer = read_answer(connection)
        finally:
            if stays_open:
                self._idle.append(connection)
            else:
                connection.close()
        return status, answer

    def _connect(self) -> socket.socket:
        host, _, port = self._address.partition(":")
        connection = socket.create_connection((host, int(port)), WAIT_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection


def read_answer(connection: socket.socket) -> tuple[int, bool, bytes]:
    """The status, whether the connection stays open, and the content. Raises ConnectionError for half an answer."""
    received = bytearray()
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _some(connection)
    head = received[:end].decode("latin-1").lower()
    _, _, length = head.partition("\r\ncontent-length:")
    wanted = end + 4 + int(length.split("\r\n", 1)[0])
    while len(received) < wanted:
        received += _some(connection)
    stays_open = head.startswith("http/1.1") and "\r\nconnection: close" not in head
    return int(head.split(" ", 2)[1]), stays_open, bytes(received[end + 4 : wanted])


def _base64_text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _with_bytes(content: dict[str, Any]) -> dict[str, Any]:
    """A binary attribute as botocore gives it: `{"B": bytes}`."""
    return {"B": base64.b64decode(content["B"])} if isinstance(content.get("B"), str) else content


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(READ_BYTES)
    if not received:
        raise ConnectionError("the engine closed the connection before its whole answer came")
    return received


def _parsed(status: int, content: dict[str, Any]) -> Answer:
    """The answer as botocore gives it: an error's code and message under `Error`."""
    if status < ERRORS:
        return http_response(status), content
    code = content.pop("__type", "InternalServerError").rpartition("#")[2]
    message = content.pop("message", None) or content.pop("Message", "")
    return http_response(status), {"Error": {"Code": code, "Message": message}, **content}
