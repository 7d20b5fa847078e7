"""Calls external services by HTTP: with time-outs, without redirects, on a new connection for each request."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from chalicelib.world import OutcomeUnknown, Unavailable

TIMEOUT_SECONDS = (2.0, 6.0)
"""To connect, and to wait for each part of the answer. API Gateway allows 29 s for a whole request."""

MAX_RETRY_AFTER_SECONDS = 3600
"""A company that asks for a longer wait is tried again after this time."""
NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


class HttpClient:
    """The HTTP session of one external service. The first request makes it."""

    def __init__(self, service: str, timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS) -> None:
        self._service = service
        self._timeout_seconds = timeout_seconds
        self._session: Any = None

    def request(self, method: str, url: str, **content: Any) -> Any:
        """The response, whatever its status.

        Raises Unavailable when the request was surely not sent, OutcomeUnknown when it may have been.
        """
        import requests

        from chalicelib.gateways.new_connections import new_session, was_never_sent

        if self._session is None:
            self._session = new_session()
        try:
            return self._session.request(method, url, timeout=self._timeout_seconds, allow_redirects=False, **content)
        except requests.RequestException as error:
            failure = Unavailable if was_never_sent(error) else OutcomeUnknown
            raise failure(self._service) from error


def retry_after_seconds(headers: Mapping[str, str], default: int) -> int:
    """The seconds of the header `Retry-After`, which holds a number or a date: 1 to MAX_RETRY_AFTER_SECONDS.

    `default` without a header that can be read.
    """
    text = str(headers.get("Retry-After", "")).strip()
    if NUMBER.fullmatch(text):
        seconds = int(text)
    else:
        try:
            until, now = parsedate_to_datetime(text), parsedate_to_datetime(str(headers.get("Date", "")))
            seconds = round((until - now).total_seconds())
        except (TypeError, ValueError):
            return default
    return min(max(seconds, 1), MAX_RETRY_AFTER_SECONDS)


def json_of(response: Any) -> dict[str, Any]:
    """The body as a JSON object. Empty for any other body."""
    try:
        content = response.json()
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
