"""HTTP sessions that open a new connection for each request.

Lambda freezes a process between two requests, and the peer drops the idle connections of a frozen process. The next
request on such a connection breaks, and nobody can tell whether it was carried out. A new connection avoids that.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import MaxRetryError, NewConnectionError

from chalicelib.gateways.body_limit import MAX_BODY_BYTES
from chalicelib.gateways.tls import tls_context
from chalicelib.world.time_left import has_time

CHUNK_BYTES = 64 * 1024


class ResponseTooLong(requests.RequestException):
    """The response has more than MAX_BODY_BYTES. The request was sent, and its outcome is unknown."""


def new_session() -> requests.Session:
    """A session that opens a connection for each request, makes one attempt, and ignores proxies and `.netrc`."""
    session = requests.Session()
    use_new_connections(session)
    return session


def use_new_connections(session: requests.Session) -> None:
    """Change a session that a vendor's library made into one like `new_session()`."""
    session.trust_env = False
    session.headers["Connection"] = "close"
    for prefix in list(session.adapters):
        session.mount(prefix, NewConnections())


def was_never_sent(error: BaseException | None) -> bool:
    """Whether an error of requests says that no connection was made: it was refused, timed out, or has no valid host.

    A connection that broke later may have carried the request. So may one with a TLS error.
    """
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL):
        return True
    cause = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


class NewConnections(HTTPAdapter):
    """Opens a connection for each request, with the TLS context of the process, and makes one attempt."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The response with its whole body.

        Raises requests' ConnectTimeout when the request could end after the running request of ours, and
        ResponseTooLong.
        """
        connect_seconds, read_seconds = _seconds(kwargs.get("timeout"))
        if not has_time(connect_seconds + read_seconds):
            raise requests.ConnectTimeout("no time left", request=request)
        return _read(super().send(request, *args, **kwargs))

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: Any,  # noqa: ARG002  the TLS context always verifies
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
        cert: Any = None,  # noqa: ARG002  no vendor wants a client certificate
    ) -> HTTPConnectionPool:
        """A pool for one request. It closes its connection when the response is dropped."""
        url = urlsplit(str(request.url))
        if url.scheme == "https":
            return HTTPSConnectionPool(str(url.hostname), url.port, maxsize=1, ssl_context=tls_context())
        return HTTPConnectionPool(str(url.hostname), url.port, maxsize=1)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Do nothing: requests would read the root certificates into the shared context again."""


def _read(response: requests.Response) -> requests.Response:
    """The response after its body was read part by part. Compressed bodies count by their full length."""
    body = bytearray()
    for part in response.iter_content(CHUNK_BYTES):
        body += part
        if len(body) > MAX_BODY_BYTES:
            response.close()
            raise ResponseTooLong("response too long", request=response.request)
    # requests keeps a body in this attribute once it was read.
    response._content = bytes(body)
    return response


def _seconds(timeout: Any) -> tuple[float, float]:
    """The seconds to connect and to wait, which requests takes as a pair or as one number for both."""
    connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    return float(connect or 0), float(read or 0)
