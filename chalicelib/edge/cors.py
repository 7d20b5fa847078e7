"""What browsers of other origins may do: ask first, call, and read the answer, if we know the origin."""

from typing import Any

from chalicelib.edge.responses import RenderedResponse, with_header
from chalicelib.world import World

EXPOSED_HEADERS = "Content-Disposition, ETag, Idempotent-Replayed, Retry-After, X-Request-Id"
ALLOWED_HEADERS = "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-Id"
PREFLIGHT_MAX_AGE_SECONDS = 7200


def with_cors(rendered: RenderedResponse, request: Any, world: World) -> RenderedResponse:
    """The answer, readable by the origin that asked when it is one of ours.

    Always with Vary: a copy kept for nobody in particular must not be given to a browser that needs its own.
    """
    varied = with_header(rendered, "Vary", ", ".join(filter(None, (rendered.headers.get("Vary"), "Origin"))))
    origin = str(request.headers.get("origin", "") or "")
    if origin not in world.urls.cors_origins:
        return varied
    return with_header(
        with_header(varied, "Access-Control-Expose-Headers", EXPOSED_HEADERS), "Access-Control-Allow-Origin", origin
    )


def preflight(methods: str, request: Any, world: World) -> RenderedResponse:
    """What a browser asks before it calls: `methods` of this path, for our own origins."""
    rendered = with_cors(RenderedResponse(204, "", {}), request, world)
    if "Access-Control-Allow-Origin" not in rendered.headers:
        return rendered
    allowed = {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": str(PREFLIGHT_MAX_AGE_SECONDS),
    }
    return RenderedResponse(rendered.status, rendered.body, {**rendered.headers, **allowed})
