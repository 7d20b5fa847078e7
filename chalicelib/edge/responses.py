"""Responses of handlers. `rendering` makes text of them."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class CsvFile:
    """A CSV file to download. Its route declares it as the response."""

    name: str
    text: str


@dataclass(frozen=True)
class Response:
    """The response of a handler that succeeded.

    `top_level` holds the fields of the envelope besides `data`. Caches may store the response for `cache_seconds`.
    """

    status: int = 200
    data: Any = None
    top_level: Mapping[str, Any] = field(default_factory=dict)
    cache_seconds: int | None = None
    personal: bool = False
    """Whether a cacheable response is for one caller. Then it has an ETag, and no cache may store it."""
    varies_by_caller: bool = False
    """Whether another caller may get another response from the same URL. The route sets it, not its handler."""
    html: str | None = None
    content_security_policy: str = ""
    """The Content-Security-Policy of a page."""
    csv_file: CsvFile | None = None
    next_cursor: str | None = None
    """Of a file with a part of a list: where the next part begins."""
    location: str | None = None
    bodies: dict[str, "CachedBody"] = field(default_factory=dict, compare=False)
    """The bodies of a cacheable response by language, each made once: a handler may return a response again."""


@dataclass(frozen=True)
class CachedBody:
    """The body of a cacheable response, and its ETag."""

    text: str
    tag: str


def ok(data: Any = None, *, top_level: Mapping[str, Any] | None = None) -> Response:
    return Response(200, data, top_level or {})


def created(data: Any) -> Response:
    return Response(201, data)


def accepted(data: Any) -> Response:
    """202: the request was stored, and its outcome is still unknown."""
    return Response(202, data)


def cached(data: Any, *, seconds: int) -> Response:
    """The same response for every caller: with an ETag, and valid for `seconds`."""
    return Response(200, data, cache_seconds=seconds)


def personal(data: Any, *, seconds: int) -> Response:
    """What `cached` gives everybody, with fields for one caller."""
    return Response(200, data, cache_seconds=seconds, personal=True)


def html_page(html: str, *, script: str) -> Response:
    """A page that runs only `script`, loads nothing and can't be shown in a frame.

    The policy does not limit where its form leads: gateways redirect browsers to other hosts of theirs.
    """
    script_hash = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{script_hash}'; base-uri 'none'; frame-ancestors 'none'"
    return Response(200, html=html, content_security_policy=policy)


def redirect(location: str) -> Response:
    """303: the browser requests `location` with GET, whatever the method was."""
    return Response(303, location=location)
