"""The declaration of a route, and the context of one request."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.problems.problem_codes import ProblemCode
from chalicelib.domain.problems.problems import Problem
from chalicelib.edge.public_routes import PUBLIC
from chalicelib.services.caller import Caller
from chalicelib.world import World

CLIENT_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(frozen=True)
class RouteSpec:
    """The declaration of a route. The route is guarded, parsed, fingerprinted and documented by it alone."""

    method: str
    path: str
    body: Any = None
    query: Any = None
    response: Any = None
    problems: tuple[ProblemCode, ...] = ()
    permission: str | None = None
    prefetch: Callable[..., Any] | None = None
    """Gives the keys of rows that are read in one batch with the caller."""
    optional_caller: bool = False
    """A public route that also knows a caller with a valid access token. Any other token counts as none."""
    idempotent: bool = False
    unstored_fields: tuple[str, ...] = ()
    """Response fields with free text of a customer or an operator. The idempotency record does not store them: a
    replay reads them from the resource, and all other fields from the record."""
    cached: bool = False
    """The response has an ETag, and is 304 for a caller who has the current one. It is the same for every caller,
    unless the route has an optional caller."""
    status: int | tuple[int, ...] = 200
    """Every status of a success, except 304. A handler that returns another status has a bug."""
    top_level: Any = None
    """The model of the fields that the envelope has besides `data`."""
    callback: Any = None
    """The model of what a payment gateway sends. It only documents: the gateway's adapter reads the raw request."""
    raw_content: str | None = None
    """The content type of a body that the handler reads as bytes."""
    signature: str | None = None
    """The request header in which the gateway sends its signature."""
    shape: Callable[[Any], Any] | None = None
    """Makes the data of an alias of the canonical route's data. None leaves it as it is."""
    tag: str = ""
    """The group of the API document that the operation belongs to."""
    summary: str = ""

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def noun(self) -> str:
        """What the route is about: the last part of its path that is no parameter."""
        return next(part for part in reversed(self.path.split("/")) if "{" not in part)

    @property
    def statuses(self) -> tuple[int, ...]:
        return self.status if isinstance(self.status, tuple) else (self.status,)

    @property
    def is_public(self) -> bool:
        return self.name in PUBLIC

    @property
    def is_for_operators(self) -> bool:
        """Whether only operators call it, the sign-in of operators included."""
        return self.permission is not None or self.path.startswith("/api/admin/")

    @property
    def path_params(self) -> tuple[str, ...]:
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


@dataclass
class RequestContext:
    """One request, from the call of the route's wrapper to its response."""

    route: RouteSpec
    request: Any
    world: World
    request_id: str
    language: str
    claims: Mapping[str, Any] | None = None
    caller: Caller | None = None

    def header(self, name: str) -> str:
        return str(self.request.headers.get(name, "") or "")


def request_id_of(request: Any, world: World) -> str:
    """The request's own `X-Request-Id` when it has the right form, else a new id."""
    requested_id = str(request.headers.get("x-request-id", "") or "")
    return requested_id if CLIENT_REQUEST_ID.fullmatch(requested_id) else world.new_id()


def bearer_token(request: Any) -> str:
    """The token of the Authorization header. Raises Problem("unauthenticated")."""
    scheme, _, token = str(request.headers.get("authorization", "") or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem("unauthenticated")
    return token.strip()
