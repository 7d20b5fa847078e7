"""What all responses have in common: envelope, problems, headers."""

import json
from typing import Any

import pytest
from chalice.app import Chalice

from app import app
from chalicelib import wiring
from chalicelib.domain.problems.problems import Problem
from chalicelib.edge.middleware import install_middleware
from chalicelib.edge.public_routes import PUBLIC
from chalicelib.edge.responses import Response, ok
from chalicelib.edge.routes import Routes
from chalicelib.services.auth import sessions
from chalicelib.services.stations import listing_refresh
from chalicelib.world import Unavailable, World
from tests.world.builders import LABIM, sign_in
from tests.world.http_client import Reply, request
from tests.world.network import Network
from tests.world.tokens import token_for, token_of

SUCCESS_KEYS = {"success", "message", "data"}
PROBLEM_KEYS = {"success", "message", "error", "type", "title", "status", "detail", "request_id"}


def test_a_success_has_the_envelope(network: Network) -> None:
    reply = request(app, "GET", "/api/payment/packages")
    assert reply.status == 200
    assert reply.body.keys() == SUCCESS_KEYS
    assert reply.body["success"] is True
    assert reply.headers["Content-Type"] == "application/json"


def test_a_problem_has_rfc_9457_fields_and_the_envelope(network: Network) -> None:
    reply = request(app, "GET", "/api/auth/me")
    assert reply.status == 401
    assert reply.body.keys() == PROBLEM_KEYS
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.body["error"].keys() == {"code", "message", "details"}
    assert reply.body["type"].endswith("#unauthenticated")
    assert reply.body["message"] == reply.body["error"]["message"] == reply.body["detail"]
    assert reply.body["request_id"] == reply.headers["X-Request-Id"]
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_422_names_the_fields(network: Network) -> None:
    reply = request(app, "POST", "/api/auth/get-otp", {})
    assert reply.status == 422
    assert reply.body["errors"] == {"identifier": ["Please fill this in."]}


@pytest.mark.parametrize(
    ("request_id", "is_valid"), [("abc-DEF_1.2", True), ("x" * 65, False), ("short", False), ("a b c d e f", False)]
)
def test_a_valid_request_id_is_returned(network: Network, request_id: str, is_valid: bool) -> None:
    reply = request(app, "GET", "/api/payment/methods", headers={"X-Request-Id": request_id})
    assert (reply.headers["X-Request-Id"] == request_id) is is_valid


@pytest.mark.parametrize(
    ("text", "nepali"),
    [
        ("ne", True),
        ("ne-NP,ne;q=0.9,en;q=0.8", True),
        ("en-US,en;q=0.9,ne;q=0.1", False),
        ("fr,ne;q=0.2", True),
        ("ne_NP", True),
        ("NE_np;q=0.9,en;q=0.8", True),
        ("en_US,ne;q=0.5", False),
        ("nep", True),
        ("npi-Deva-NP", True),
        ("eng,ne;q=0.5", False),
        ("ne\t;q=0.9 , en;q=0.8", True),
        ("ne;q=0.5;level=1,en;q=0.3", True),
        ("ne;level=1;q=0.5,en;q=0.8", False),
        ("ne;q=0,en", False),
        ("new", False),
        ("", False),
        ("ne;q=x", False),
        (";;;,,", False),
    ],
)
def test_problems_are_in_the_callers_language(network: Network, text: str, nepali: bool) -> None:
    reply = request(app, "GET", "/api/auth/me", headers={"Accept-Language": text})
    assert (reply.body["message"] == "कृपया लग इन गर्नुहोस्।") is nepali


def test_a_personal_response_is_not_cacheable(network: Network) -> None:
    user = network.customer()
    reply = request(app, "GET", "/api/auth/me", token=token_of(network, user))
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/app/stations", "/api/payment/packages", f"/api/app/stations/{LABIM.sn}"])
def test_a_public_list_is_cacheable_and_answers_304(network: Network, path: str) -> None:
    listing_refresh.refresh(network.world)
    first = request(app, "GET", path)
    assert first.headers["Cache-Control"].startswith("public")
    second = request(app, "GET", path, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
    assert (second.status, second.text) == (304, "")
    assert request(app, "GET", path, headers={"If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://ops.example.com", True), ("https://evil.example.com", False)]
)
def test_only_configured_origins_get_cors_headers(network: Network, origin: str, allowed: bool) -> None:
    reply = request(app, "GET", "/api/payment/methods", headers={"Origin": origin})
    assert (reply.headers.get("Access-Control-Allow-Origin") == origin) is allowed


def test_an_unknown_method_is_a_problem_of_ours(network: Network) -> None:
    answer = raw(app, "DELETE", "/api/auth/me")
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (405, "method_not_allowed")


def raw(chalice_app: Chalice, method: str, resource: str) -> Any:
    context = {"httpMethod": method, "resourcePath": resource, "identity": {}}
    event = {
        "headers": {},
        "pathParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": context,
        "stageVariables": None,
        "body": None,
    }
    return chalice_app(event, None)


@pytest.fixture
def odd(world: World) -> Chalice:
    """An app with routes that misbehave."""
    routes = Routes(__name__, wiring.world)

    @routes.get("/api/odd/bug")
    def bug() -> Response:
        raise ValueError("a secret: 984-1000001")

    @routes.get("/api/odd/no-caller")
    def no_caller() -> Response:
        return ok({"secret": 1})

    @routes.get("/api/odd/unavailable")
    def unavailable() -> Response:
        raise Unavailable("a gateway", retry_after_seconds=7)

    @routes.get("/api/odd/limited")
    def limited() -> Response:
        raise Problem("rate_limited", retry_after_seconds=9, left_paisa=12_345)

    made = Chalice(app_name="odd")
    made.register_blueprint(routes)
    install_middleware(made, wiring.world)
    return made


def request_as_customer(odd: Chalice, network: Network, path: str) -> Reply:
    return request(odd, "GET", path, token=token_of(network, network.customer()))


def test_a_bug_is_a_500_without_details(odd: Chalice, network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    reply = request_as_customer(odd, network, "/api/odd/bug")
    assert (reply.status, reply.code) == (500, "internal_error")
    text = reply.text + capsys.readouterr().out
    assert "secret" not in text
    assert "984-1000001" not in text


def test_a_route_whose_handler_takes_no_caller_is_guarded(odd: Chalice, network: Network) -> None:
    reply = request(odd, "GET", "/api/odd/no-caller")
    assert (reply.status, reply.code) == (401, "unauthenticated")
    assert "secret" not in reply.text
    user = network.customer()
    session = sign_in(network.world, user)
    sessions.logout(network.world, session.caller(network.world))
    ended = request(odd, "GET", "/api/odd/no-caller", token=token_for(network.world, session))
    assert (ended.status, ended.code) == (401, "session_ended")
    assert "secret" not in ended.text


def test_an_unavailable_dependency_is_a_503(odd: Chalice, network: Network) -> None:
    reply = request_as_customer(odd, network, "/api/odd/unavailable")
    assert (reply.status, reply.code, reply.headers["Retry-After"]) == (503, "busy", "7")


def test_details_of_a_problem_are_in_rupees(odd: Chalice, network: Network) -> None:
    reply = request_as_customer(odd, network, "/api/odd/limited")
    assert reply.headers["Retry-After"] == "9"
    assert reply.body["error"]["details"] == {"left": "123.45"}


def test_every_public_route_exists() -> None:
    routes_used = {f"{method} {path}" for path, methods in app.routes.items() for method in methods}
    assert routes_used >= PUBLIC
