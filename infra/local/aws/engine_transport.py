"""Has a botocore client send its requests to an engine on this machine without urllib3.

botocore serialises, signs, retries and parses as ever.
"""

import io
from collections.abc import Iterator
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from infra.local.aws.engine_connections import ConnectTimedOut, EngineConnections


class Streamed(io.BytesIO):
    """The content of a response in one part, as botocore reads it."""

    def stream(self) -> Iterator[bytes]:
        yield self.getvalue()


class EngineTransport:
    """Takes the place of botocore's HTTP session in a client. It has the client's own time-outs."""

    def __init__(self, client: Any) -> None:
        config = client.meta.config
        self._connections = EngineConnections(
            client.meta.endpoint_url, connect_seconds=config.connect_timeout, read_seconds=config.read_timeout
        )

    def send(self, request: Any) -> AWSResponse:
        """Raises botocore's exceptions."""
        url = request.url
        try:
            answer = self._connections.send(self._as_bytes(request))
        except ConnectTimedOut as error:
            raise ConnectTimeoutError(endpoint_url=url, error=error) from error
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=url, error=error) from error
        except ConnectionRefusedError as error:
            raise EndpointConnectionError(endpoint_url=url, error=error) from error
        except ConnectionError as error:
            raise ConnectionClosedError(endpoint_url=url, error=error) from error
        headers: Any = answer.headers  # botocore takes any mapping
        return AWSResponse(url, answer.status, headers, Streamed(answer.content))

    def close(self) -> None:
        self._connections.close()

    def _as_bytes(self, request: Any) -> bytes:
        lines = [f"{request.method} / HTTP/1.1", f"Host: {self._connections.address}"]
        lines += [f"{name}: {_text(value)}" for name, value in request.headers.items()]
        body: bytes = request.body
        return "\r\n".join([*lines, "\r\n"]).encode("latin-1") + body


def send_without_urllib3(client: Any) -> None:
    """The client of an engine that answers each request with a Content-Length, over HTTP without TLS."""
    client._endpoint.http_session = EngineTransport(client)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
