"""Marks every HTTP call that the service makes with the invocation that makes it, so that the sandbox can name it.

An invocation is a request to the API, a batch of a consumer or a run of a schedule.

The mark is a header of the sandbox's own. Neither the service nor a company looks at it.
"""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from chalicelib.domain.operations.block_value import set_inside

HEADER = "X-Sandbox-Request-Id"
_request_id: ContextVar[str] = ContextVar("sandbox_request_id", default="")
_end_headers = http.client.HTTPConnection.endheaders


@contextmanager
def marking_calls(request_id: str) -> Iterator[None]:
    """Calls inside the block are calls of the invocation with this id."""
    with set_inside(_request_id, request_id):
        yield


class MarkedCalls:
    """While started, requests of every HTTP library that stands on http.client carry the mark."""

    def start(self) -> None:
        def end_headers(connection: http.client.HTTPConnection, *args: Any, **kwargs: Any) -> None:
            if request_id := _request_id.get():
                connection.putheader(HEADER, request_id)
            _end_headers(connection, *args, **kwargs)

        http.client.HTTPConnection.endheaders = end_headers  # type: ignore[assignment,method-assign]

    def stop(self) -> None:
        http.client.HTTPConnection.endheaders = _end_headers  # type: ignore[method-assign]
