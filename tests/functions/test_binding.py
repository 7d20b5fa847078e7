"""Registration of handlers: a signature that does not match its declaration is refused at import."""

from collections.abc import Callable
from typing import Any

import pytest

from app import app
from chalicelib import wiring
from chalicelib.edge.handler_binding import InvalidRoute
from chalicelib.edge.models import EmptyRequest, PageQuery, RequestModel
from chalicelib.edge.pagination import Cursor
from chalicelib.edge.request_parsing import RawRequest
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.routes import Routes
from chalicelib.services.caller import Caller
from infra.openapi.document import routes_of


class Order(RequestModel):
    amount: int

    def keys(self) -> tuple[Any, ...]:
        return ()


class OtherOrder(RequestModel):
    amount: int


class Refresh(EmptyRequest):
    pass


def with_request(request: Order) -> Response:
    return ok(request.amount)


def with_other_request(request: OtherOrder) -> Response:
    return ok(request.amount)


def with_untyped_request(request) -> Response:  # type: ignore[no-untyped-def]
    return ok(request)


def with_raw(raw: RawRequest) -> Response:
    return ok(len(raw.body))


def with_nothing() -> Response:
    return ok()


def with_caller(caller: Caller) -> Response:
    return ok(caller.user_id)


def with_query(query: PageQuery) -> Response:
    return ok(query.limit)


def with_cursor(query: PageQuery, cursor: Cursor) -> Response:
    return ok([query.limit, cursor.position])


def with_world(world: Any) -> Response:
    return ok(world)


def with_user(user_id: str) -> Response:
    return ok(user_id)


def keys_of_a_rental(user_id: str, rental_id: str) -> tuple[Any, ...]:
    return (user_id, rental_id)


def keys_of_anything(thing: str) -> tuple[Any, ...]:
    return (thing,)


PUBLIC_PATH = "/api/auth/login"
WRONG: dict[str, tuple[str, dict[str, Any], Callable[..., Response], str]] = {
    "an idempotent route without a body": (
        "/x",
        {"idempotent": True},
        with_nothing,
        "POST /x is idempotent and declares no body to fingerprint",
    ),
    "an idempotent route that reads the raw body": (
        "/x",
        {"idempotent": True, "callback": Order},
        with_raw,
        "POST /x is idempotent and declares no body to fingerprint",
    ),
    "an idempotent route with a parsed and a raw body": (
        "/x",
        {"idempotent": True, "body": Order, "callback": Order},
        with_raw,
        "POST /x declares both a body and a callback",
    ),
    "an idempotent route whose handler reads another model than the fingerprint": (
        "/x",
        {"idempotent": True, "body": Order},
        with_other_request,
        "POST /x: 'request' of with_other_request() is OtherOrder, and the route declares Order",
    ),
    "a handler that reads the raw request of a parsed body": (
        "/x",
        {"body": Order},
        with_raw,
        "POST /x: with_raw() takes 'raw', which the route does not provide",
    ),
    "a handler that leaves its body out": (
        "/x",
        {"idempotent": True, "body": Order},
        with_nothing,
        "POST /x: with_nothing() must take 'request', which the route declares",
    ),
    "a handler whose body has no type": (
        "/x",
        {"body": Order},
        with_untyped_request,
        "POST /x: 'request' of with_untyped_request() is untyped, and the route declares Order",
    ),
    "a handler that takes a body no one declared": (
        "/x",
        {},
        with_request,
        "POST /x: with_request() takes 'request', which the route does not provide",
    ),
    "a handler that takes a body without fields": (
        "/x",
        {"body": Refresh},
        with_request,
        "POST /x: with_request() takes 'request', which the route does not provide",
    ),
    "a paged route without its cursor": (
        "/x",
        {"query": PageQuery},
        with_query,
        "POST /x: with_query() must take 'cursor', which the route declares",
    ),
    "a cursor without a paged query": (
        "/x",
        {},
        with_cursor,
        "POST /x: with_cursor() takes 'query', which the route does not provide",
    ),
    "a handler that leaves a path parameter out": (
        "/x/{rental_id}",
        {},
        with_nothing,
        "POST /x/{rental_id}: with_nothing() must take 'rental_id', which the route declares",
    ),
    "a handler with a parameter that nothing fills": (
        "/x",
        {},
        with_world,
        "POST /x: with_world() takes 'world', which the route does not provide",
    ),
    "a path parameter with the name of another argument": (
        "/x/{caller}",
        {},
        with_caller,
        "POST /x/{caller}: the path parameter 'caller' has the name of another argument",
    ),
    "a public route whose handler takes a caller": (
        PUBLIC_PATH,
        {},
        with_caller,
        f"POST {PUBLIC_PATH}: with_caller() takes 'caller', which the route does not provide",
    ),
    "a public route that needs a permission": (
        PUBLIC_PATH,
        {"permission": "money"},
        with_nothing,
        f"POST {PUBLIC_PATH} is public and needs a permission",
    ),
    "a public route that is idempotent": (
        PUBLIC_PATH,
        {"body": Order, "idempotent": True},
        with_request,
        f"POST {PUBLIC_PATH} is idempotent and public: an Idempotency-Key belongs to a caller",
    ),
    "a public route that prefetches": (
        PUBLIC_PATH,
        {"body": Order, "prefetch": Order.keys},
        with_request,
        f"POST {PUBLIC_PATH} is public and prefetches rows with a caller",
    ),
    "a prefetch that takes what the path does not hold": (
        "/x",
        {"prefetch": keys_of_a_rental},
        with_nothing,
        "POST /x: keys_of_a_rental() takes 'rental_id', which the route does not provide",
    ),
    "a prefetch with a parameter that nothing fills": (
        "/x",
        {"prefetch": keys_of_anything},
        with_nothing,
        "POST /x: keys_of_anything() takes 'thing', which the route does not provide",
    ),
    "a prefetch by another body's method": (
        "/x",
        {"body": OtherOrder, "prefetch": Order.keys},
        with_other_request,
        "POST /x: keys() takes 'self', which the route does not provide",
    ),
    "a prefetch where the path has a user": (
        "/x/{user_id}",
        {"prefetch": keys_of_a_rental},
        with_user,
        "POST /x/{user_id}: the path parameter 'user_id' has the name of another argument",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_handler_that_does_not_match_its_declaration_is_refused(what: str) -> None:
    path, declared, handler, sentence = WRONG[what]
    routes = Routes(__name__, wiring.world)
    register: Any = routes.post(path, **declared)
    with pytest.raises(InvalidRoute) as refused:
        register(handler)
    assert str(refused.value) == sentence


def test_no_route_of_the_app_is_idempotent_without_a_body() -> None:
    idempotent = [route for route in routes_of(app) if route.idempotent]
    assert len(idempotent) >= 8
    assert [route.name for route in idempotent if route.body is None or route.is_public] == []
