"""Says why a web app is refused: its origin, or the address to which a browser would come back after paying.

The service answers as it does in production, without a word for browsers of other origins. The sandbox adds a header
and a log line that name what is allowed, and the option that allows more.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from chalicelib import log
from infra.local.addresses import WithLocalUrls, is_own_origin
from infra.local.connections import App

HINT = "X-Sandbox-Hint"
"""The header that says it."""
RETURN_URL_REFUSED = b'"return_url_not_allowed"'
MAX_SHOWN = 200


class RefusedAddresses:
    """A WSGI app in front of the API."""

    def __init__(self, app: App, origins: WithLocalUrls, return_urls: WithLocalUrls) -> None:
        self._app = app
        self._origins = origins
        self._return_urls = return_urls

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun: list[Any] = []
        body = b"".join(self._app(environ, lambda *head: begun.append(head)))
        status, headers, *more = begun[-1]
        fact, hint = self._refusal(environ, status, body)
        if hint:
            log.fact(
                fact,
                method=environ["REQUEST_METHOD"],
                path=environ["PATH_INFO"],
                source=environ.get("HTTP_ORIGIN", "")[:MAX_SHOWN],
                reason=hint,
            )
            headers = [*headers, (HINT, hint)]
        start_response(status, headers, *more)
        return [body]

    def _refusal(self, environ: dict[str, Any], status: str, body: bytes) -> tuple[str, str]:
        """The name of the refusal, and what is allowed. Empty for a request that is not refused."""
        origin = environ.get("HTTP_ORIGIN", "")
        if origin and origin not in self._origins and not is_own_origin(origin, environ.get("HTTP_HOST", "")):
            shown = origin[:MAX_SHOWN]
            return "origin_refused", f"a browser gives {shown} no answer; allowed: {self._origins.in_words()}"
        if status.startswith(f"{HTTPStatus.UNPROCESSABLE_ENTITY:d}") and RETURN_URL_REFUSED in body:
            return "return_url_refused", f"allowed return URLs: {self._return_urls.in_words()}"
        return "", ""
