"""Typed handlers: parsed arguments by name, and the order in which a request is checked."""

import pytest
from chalice.app import Chalice

from chalicelib import wiring
from chalicelib.edge.models import RequestModel
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.routes import Routes
from chalicelib.services.caller import Caller
from tests.world.http_client import request
from tests.world.network import Network
from tests.world.tokens import token_of


class Order(RequestModel):
    amount: int


@pytest.fixture
def small(network: Network) -> Chalice:
    """An app with one idempotent route."""
    routes = Routes(__name__, wiring.world)
    routes.post("/api/small/{rental_id}", body=Order, idempotent=True)(_echo)
    made = Chalice(app_name="small")
    made.register_blueprint(routes)
    return made


def _echo(request: Order, caller: Caller, rental_id: str, language: str) -> Response:
    return ok({"amount": request.amount, "user": caller.user_id, "rental": rental_id, "language": language})


def test_a_handler_gets_its_arguments_parsed_and_by_name(small: Chalice, network: Network) -> None:
    user = network.customer()
    reply = request(
        small,
        "POST",
        "/api/small/a%20b",
        {"amount": 5},
        token=token_of(network, user),
        headers={"Accept-Language": "ne"},
    )
    assert reply.data == {"amount": 5, "user": user, "rental": "a b", "language": "ne"}


def test_a_caller_without_a_token_is_refused_before_the_body_is_parsed(small: Chalice, network: Network) -> None:
    assert request(small, "POST", "/api/small/x", raw=b"{").code == "unauthenticated"


def test_a_body_is_parsed_before_the_caller_is_read(small: Chalice, network: Network) -> None:
    token = token_of(network, network.customer())
    assert request(small, "POST", "/api/small/x", {"amount": "x"}, token=token).code == "invalid_input"


def test_a_path_parameter_that_names_nothing_is_not_found(small: Chalice, network: Network) -> None:
    token = token_of(network, network.customer())
    assert request(small, "POST", "/api/small/%00", {"amount": 5}, token=token).code == "not_found"
