"""What browsers of other origins may do: ask first, call, and read the answer, if we know the origin."""

from typing import Any

from chalicelib.edge.responses import Sent, with_header
from chalicelib.world import World

TOLD = "Content-Disposition, ETag, Idempotent-Replayed, Retry-After, X-Request-Id"
SENT = "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-Id"
REMEMBERED_SECONDS = 7200


def for_browsers(one: Sent, request: Any, world: World) -> Sent:
    """The answer, readable by the origin that asked when it is one of ours.

    Always with Vary: a copy kept for nobody in particular must not be given to a browser that needs its own.
    """
    varied = with_header(one, "Vary", ", ".join(filter(None, (one.headers.get("Vary"), "Origin"))))
    origin = str(request.headers.get("origin", "") or "")
    if origin not in world.places.cors_origins:
        return varied
    return with_header(
        with_header(varied, "Access-Control-Expose-Headers", TOLD), "Access-Control-Allow-Origin", origin
    )


def preflight(methods: str, request: Any, world: World) -> Sent:
    """What a browser asks before it calls: `methods` of this path, for our own origins."""
    answer = for_browsers(Sent(204, "", {}), request, world)
    if "Access-Control-Allow-Origin" not in answer.headers:
        return answer
    allowed = {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": SENT,
        "Access-Control-Max-Age": str(REMEMBERED_SECONDS),
    }
    return Sent(answer.status, answer.body, {**answer.headers, **allowed})
