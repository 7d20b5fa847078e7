"""One request while it is being answered: the route, the request, the caller."""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.problems import Problem
from chalicelib.services.caller import Caller
from chalicelib.world import World

SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(frozen=True)
class RouteSpec:
    """What was declared of a route: the one source for guarding, parsing and documenting it."""

    method: str
    path: str
    body: Any = None
    query: Any = None
    response: Any = None
    problems: tuple[str, ...] = ()
    permission: str | None = None
    idempotent: bool = False
    unstored_fields: tuple[str, ...] = ()
    """What in its answer is a customer's or an operator's own words: no Idempotency-Key keeps those. One that comes
    again gets them from what it made, and all else as it was answered."""
    cached: bool = False
    """Its answers are the same for everybody: with an ETag, and 304 for who has them already."""
    status: int | tuple[int, ...] = 200
    """Every status of a success, 304 aside. A handler that answers another one has a bug."""
    top_level: Any = None
    """The model of the fields that stand beside `data` in the envelope."""
    callback: Any = None
    """The model of what a payment gateway sends. It only documents: the gateway's adapter reads the raw request."""
    signature: str | None = None
    """The request header in which the gateway sends its signature."""
    tag: str = ""
    """The group of the API document that the operation belongs to."""
    summary: str = ""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def statuses(self) -> tuple[int, ...]:
        return self.status if isinstance(self.status, tuple) else (self.status,)


@dataclass
class RequestContext:
    """Made by the wrapper around each view, and gone with the answer."""

    route: RouteSpec
    request: Any
    world: World
    request_id: str
    language: str
    claims: Mapping[str, Any] | None = None
    caller: Caller | None = None
    content: dict[str, Any] = field(default_factory=dict)
    """The parsed body, for the fingerprint of an Idempotency-Key."""

    def header(self, name: str) -> str:
        return str(self.request.headers.get(name, "") or "")


request_context: ContextVar[RequestContext] = ContextVar("visit")


def request_id_of(request: Any, world: World) -> str:
    """The caller's own id when it is a sane one, else ours."""
    requested_id = str(request.headers.get("x-request-id", "") or "")
    return requested_id if SANE_ID.fullmatch(requested_id) else world.new_id()


def bearer_token(request: Any) -> str:
    """The token of the Authorization header. Raises Problem("unauthenticated")."""
    scheme, _, token = str(request.headers.get("authorization", "") or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem("unauthenticated")
    return token.strip()
