"""Binds a handler to its route: refuses a signature that does not match the declaration, and fills it per request."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.edge.context import RequestContext, RouteSpec
from chalicelib.edge.models import EmptyRequest, FormatQuery, PageQuery
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.request_parsing import RawRequest, RequestParts, client_address, raw_request
from chalicelib.edge.responses import Response
from chalicelib.services.caller import Caller, OptionalCaller

Handler = Callable[..., Response]
OPTIONAL = ("caller", "language", "client_address")
"""Parameters that a handler may leave out."""
ANY = inspect.Parameter.empty


class InvalidRoute(TypeError):
    """A route is declared with a contradiction, or its handler does not match it. Raised at import."""


@dataclass(frozen=True)
class Endpoint:
    """A route with its handler. The signatures of handler and prefetch match what the route declares."""

    route: RouteSpec
    handler: Handler
    names: tuple[str, ...]
    path_types: Mapping[str, Any]
    prefetch_names: tuple[str, ...]

    def call(self, context: RequestContext, parts: RequestParts) -> Response:
        return self.handler(**_arguments(self.names, HANDLER_SOURCES, context, parts))

    def prefetch(self, context: RequestContext, parts: RequestParts) -> tuple[Any, ...]:
        """The keys of rows to read together with the caller."""
        if self.route.prefetch is None or parts.path is None:
            return ()
        return tuple(self.route.prefetch(**_arguments(self.prefetch_names, PREFETCH_SOURCES, context, parts)))


def bind(route: RouteSpec, handler: Handler) -> Endpoint:
    """Raises InvalidRoute with a sentence that says what is wrong."""
    _must_be_consistent(route)
    _must_be_free(route, HANDLER_SOURCES)
    signature = _signature(handler)
    provided = _provided(route)
    _must_match(route, handler.__name__, signature, provided)
    missing = [name for name in provided if name not in OPTIONAL and name not in signature]
    if missing:
        raise InvalidRoute(f"{route.name}: {handler.__name__}() must take {missing[0]!r}, which the route declares")
    path_types = {name: signature[name] for name in route.path_params}
    return Endpoint(route, handler, tuple(signature), path_types, _bind_prefetch(route))


def _bind_prefetch(route: RouteSpec) -> tuple[str, ...]:
    prefetch = route.prefetch
    if prefetch is None:
        return ()
    _must_be_free(route, PREFETCH_SOURCES)
    signature, function = _signature(prefetch), prefetch.__name__
    provided = {"world": ANY, "user_id": str, "request": route.body, "query": route.query}
    if vars(route.body or object).get(function) is prefetch:
        provided["self"] = ANY
    provided |= dict.fromkeys(route.path_params, ANY)
    _must_match(route, function, signature, provided)
    return tuple(signature)


def _must_be_consistent(route: RouteSpec) -> None:
    rules = (
        (route.idempotent and route.body is None, "is idempotent and declares no body to fingerprint"),
        (route.idempotent and route.is_public, "is idempotent and public: an Idempotency-Key belongs to a caller"),
        (route.body is not None and route.callback is not None, "declares both a body and a callback"),
        (route.permission is not None and route.is_public, "is public and needs a permission"),
        (route.optional_caller and not route.is_public, "has an optional caller and is not public"),
        (
            route.prefetch is not None and route.is_public and not route.optional_caller,
            "is public and prefetches rows with a caller",
        ),
    )
    for is_broken, fault in rules:
        if is_broken:
            raise InvalidRoute(f"{route.name} {fault}")


def _must_be_free(route: RouteSpec, reserved: Iterable[str]) -> None:
    """No path parameter has a name that means something else, such as `user_id`, the caller's, to a prefetch."""
    for name in set(reserved) & set(route.path_params):
        raise InvalidRoute(f"{route.name}: the path parameter {name!r} has the name of another argument")


def _provided(route: RouteSpec) -> dict[str, Any]:
    """The name and the type of every argument that the route provides to its handler."""
    provided: dict[str, Any] = {"language": str, "client_address": str}
    if route.body is not None and not issubclass(route.body, EmptyRequest):
        provided["request"] = route.body
    if route.query not in (None, FormatQuery):
        provided["query"] = route.query
        if issubclass(route.query, PageQuery):
            provided["cursor"] = Cursor
    if route.callback is not None or route.raw_content is not None:
        provided["raw"] = RawRequest
    if not route.is_public:
        provided["caller"] = Caller
    elif route.optional_caller:
        provided["caller"] = OptionalCaller
    return provided | dict.fromkeys(route.path_params, ANY)


def _must_match(route: RouteSpec, function: str, signature: Mapping[str, Any], provided: Mapping[str, Any]) -> None:
    for name, kind in signature.items():
        if name not in provided or provided[name] is None:
            raise InvalidRoute(f"{route.name}: {function}() takes {name!r}, which the route does not provide")
        declared = provided[name]
        if declared is not ANY and kind is not declared:
            raise InvalidRoute(
                f"{route.name}: {name!r} of {function}() is {_name(kind)}, and the route declares {_name(declared)}"
            )


def _signature(function: Callable[..., Any]) -> dict[str, Any]:
    """The parameters and their annotations. `inspect.signature` is seven times slower, at every cold start."""
    names = function.__code__.co_varnames[: function.__code__.co_argcount + function.__code__.co_kwonlyargcount]
    return {name: function.__annotations__.get(name, ANY) for name in names}


def _name(kind: Any) -> str:
    return "untyped" if kind is ANY else getattr(kind, "__name__", str(kind))


Source = Callable[[RequestContext, RequestParts], Any]


def _arguments(
    names: Iterable[str], sources: Mapping[str, Source], context: RequestContext, parts: RequestParts
) -> dict[str, Any]:
    """A value for each name: of a path parameter, or of what `sources` makes."""
    path = parts.path or {}
    return {name: path[name] if name in path else sources[name](context, parts) for name in names}


HANDLER_SOURCES: dict[str, Source] = {
    "request": lambda _, parts: parts.body,
    "query": lambda _, parts: parts.query,
    "caller": lambda context, _: context.caller,
    "cursor": Cursor.of,
    "raw": lambda context, _: raw_request(context.request),
    "language": lambda context, _: context.language,
    "client_address": lambda context, _: client_address(context.request),
}
PREFETCH_SOURCES: dict[str, Source] = {
    "self": lambda _, parts: parts.body,
    "request": lambda _, parts: parts.body,
    "query": lambda _, parts: parts.query,
    "world": lambda context, _: context.world,
    "user_id": lambda context, _: str((context.claims or {})["sub"]),
}
"""`user_id` is the caller's. A method of the body's model has the parsed body as its `self`."""
