"""The decorators that declare a route, typed so that mypy checks a handler's body and query against them."""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypedDict, TypeVar, Unpack, overload

from pydantic import BaseModel

from chalicelib.domain.problems.problem_codes import ProblemCode
from chalicelib.edge.models import EmptyRequest, FormatQuery
from chalicelib.edge.responses import Response

B = TypeVar("B", bound=BaseModel)
Q = TypeVar("Q", bound=BaseModel)
P = ParamSpec("P")
OnBody = Callable[[Callable[Concatenate[B, P], Response]], Callable[Concatenate[B, P], Response]]
OnQuery = Callable[[Callable[Concatenate[Q, P], Response]], Callable[Concatenate[Q, P], Response]]
OnBoth = Callable[[Callable[Concatenate[B, Q, P], Response]], Callable[Concatenate[B, Q, P], Response]]
OnNeither = Callable[[Callable[..., Response]], Callable[..., Response]]


class Declared(TypedDict, total=False):
    """What any route may declare: the fields of `RouteSpec` of the same names. `summary` is the handler's docstring
    unless the route gives another one."""

    response: Any
    problems: tuple[ProblemCode, ...]
    permission: str
    prefetch: Callable[..., tuple[Any, ...]]
    optional_caller: bool
    cached: bool
    status: int | tuple[int, ...]
    top_level: type[BaseModel]
    callback: type[BaseModel]
    raw_content: str
    signature: str | None
    tag: str


class DeclaredWithBody(Declared, total=False):
    """What only a route with a body may declare, since the fingerprint is made of the body."""

    idempotent: bool
    unstored_fields: tuple[str, ...]


class Register(Protocol):
    """Registers a route's handler and returns it unchanged."""

    def __call__(self, method: str, path: str, declared: dict[str, Any]) -> Callable[[Any], Any]: ...


class RouteDecorator:
    """`@routes.get(path, ...)` and its like for one HTTP method.

    A handler takes `request` first when the route declares a body, then `query` when it declares a query. After them
    it takes, by name, what it needs of `caller`, `cursor`, `raw`, `language`, `client_address` and the path
    parameters. `handler_binding.bind` checks names and types of all of them at import.
    """

    def __init__(self, method: str, register: Register) -> None:
        self.method = method
        self.register = register

    @overload
    def __call__(
        self, path: str, *, body: type[EmptyRequest], summary: str = ..., **declared: Unpack[DeclaredWithBody]
    ) -> OnNeither: ...

    @overload
    def __call__(
        self, path: str, *, body: type[B], query: type[Q], summary: str = ..., **declared: Unpack[DeclaredWithBody]
    ) -> OnBoth[B, Q, P]: ...

    @overload
    def __call__(
        self, path: str, *, body: type[B], summary: str = ..., **declared: Unpack[DeclaredWithBody]
    ) -> OnBody[B, P]: ...

    @overload
    def __call__(
        self, path: str, *, query: type[FormatQuery], summary: str = ..., **declared: Unpack[Declared]
    ) -> OnNeither: ...

    @overload
    def __call__(
        self, path: str, *, query: type[Q], summary: str = ..., **declared: Unpack[Declared]
    ) -> OnQuery[Q, P]: ...

    @overload
    def __call__(self, path: str, *, summary: str = ..., **declared: Unpack[Declared]) -> OnNeither: ...

    def __call__(self, path: str, **declared: Any) -> Any:
        return self.register(self.method, path, declared)
