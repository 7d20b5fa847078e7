"""Keeps web pages of others away from the control API, which hands out tokens and can undo everything.

A page that somebody opens in a browser of this machine may post to any address, and may have its own name lead to
this machine. Decision 0086.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from chalicelib import log
from infra.local.addresses import WithLocalUrls, is_own_origin
from infra.local.connections import App

READING = ("GET", "HEAD")
"""A page of another origin can't read the answers: they have no CORS headers."""
LOCAL_NAME = "localhost"
MAX_SHOWN = 200


class OwnPagesOnly:
    """A WSGI app that refuses requests for a foreign host name, and changes that a page of a foreign origin asks for.

    Paths with one of the `open_paths` (prefixes) are for everybody: the companies' pages.
    """

    def __init__(self, app: App, host: str, origins: WithLocalUrls, open_paths: Sequence[str]) -> None:
        """`host` is the one in every address that the sandbox gives out."""
        self._app = app
        self._host = host
        self._origins = origins
        self._open_paths = tuple(open_paths)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        reason = None if environ["PATH_INFO"].startswith(self._open_paths) else self._refusal(environ)
        if reason is None:
            return self._app(environ, start_response)
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        log.fact("control_request_refused", method=method, path=path[:MAX_SHOWN], reason=reason)
        start_response("403 Forbidden", [("Content-Type", "application/json")])
        return [json.dumps({"error": reason}).encode()]

    def _refusal(self, environ: dict[str, Any]) -> str | None:
        host, origin = environ.get("HTTP_HOST", ""), environ.get("HTTP_ORIGIN", "")
        if host and not self._is_of_this_machine(_name(host)):
            return (
                f"the control API does not answer as {host[:MAX_SHOWN]}, only as {LOCAL_NAME}, {self._host} or an IP"
                " address; --public-url http://NAME:PORT gives it another name"
            )
        changes = environ["REQUEST_METHOD"] not in READING
        if changes and origin and origin not in self._origins and not is_own_origin(origin, host):
            return (
                f"a page of {origin[:MAX_SHOWN]} may not use the control API; allowed: its own page,"
                f" {self._origins.in_words()}"
            )
        return None

    def _is_of_this_machine(self, name: str) -> bool:
        """Whether no stranger's name leads here. A page that was loaded from an IP address has that one as origin."""
        if name in (LOCAL_NAME, self._host) or name.endswith(f".{LOCAL_NAME}"):
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
