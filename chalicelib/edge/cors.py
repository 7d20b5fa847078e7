"""CORS: preflights and response headers for browsers of the configured origins."""

from typing import Any

from chalicelib.edge.rendering import RenderedResponse, with_header
from chalicelib.world import World

EXPOSED_HEADERS = "Content-Disposition, ETag, Idempotent-Replayed, Retry-After, X-Next-Cursor, X-Request-Id"
ALLOWED_HEADERS = "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-Id"
PREFLIGHT_MAX_AGE_SECONDS = 7200


def with_cors(rendered: RenderedResponse, request: Any, world: World) -> RenderedResponse:
    """The response with CORS headers if the request's origin is configured.

    `Vary: Origin` is always there, so that no cache gives one origin the response of another.
    """
    varied = with_header(rendered, "Vary", ", ".join(filter(None, (rendered.headers.get("Vary"), "Origin"))))
    origin = str(request.headers.get("origin", "") or "")
    if origin not in world.urls.cors_origins:
        return varied
    return with_header(
        with_header(varied, "Access-Control-Expose-Headers", EXPOSED_HEADERS), "Access-Control-Allow-Origin", origin
    )


def preflight(methods: str, request: Any, world: World) -> RenderedResponse:
    """The response to a preflight of a path with the methods `methods`. Only configured origins are allowed."""
    rendered = with_cors(RenderedResponse(204, "", {}), request, world)
    if "Access-Control-Allow-Origin" not in rendered.headers:
        return rendered
    allowed = {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": str(PREFLIGHT_MAX_AGE_SECONDS),
    }
    return RenderedResponse(rendered.status, rendered.body, {**rendered.headers, **allowed})
