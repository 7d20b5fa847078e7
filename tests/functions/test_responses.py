"""What every answer looks like, whatever is behind the door."""

import json
from typing import Any

import pytest
from chalice.app import Chalice

from app import app
from chalicelib import wiring
from chalicelib.domain.problems import Problem
from chalicelib.edge.authentication import caller
from chalicelib.edge.middleware import prepare
from chalicelib.edge.public_routes import PUBLIC
from chalicelib.edge.responses import Answer, ok
from chalicelib.edge.routes import Routes
from chalicelib.services import caller as callers
from chalicelib.services import idempotency
from chalicelib.services.stations import listings
from chalicelib.world import Away, World
from tests.asking import Asked, ask
from tests.builders import LABIM
from tests.doors import token_of
from tests.street import Street

SUCCESS_KEYS = {"success", "message", "data"}
PROBLEM_KEYS = {"success", "message", "error", "type", "title", "status", "detail", "request_id"}


def test_a_success_wears_the_envelope(street: Street) -> None:
    answer = ask(app, "GET", "/api/payment/packages")
    assert answer.status == 200
    assert answer.body.keys() == SUCCESS_KEYS
    assert answer.body["success"] is True
    assert answer.headers["Content-Type"] == "application/json"


def test_a_problem_is_both_worlds_in_one(street: Street) -> None:
    answer = ask(app, "GET", "/api/auth/me")
    assert answer.status == 401
    assert answer.body.keys() == PROBLEM_KEYS
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["error"].keys() == {"code", "message", "details"}
    assert answer.body["type"].endswith("#unauthenticated")
    assert answer.body["message"] == answer.body["error"]["message"] == answer.body["detail"]
    assert answer.body["request_id"] == answer.headers["X-Request-Id"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_only_a_422_names_fields(street: Street) -> None:
    answer = ask(app, "POST", "/api/auth/get-otp", {})
    assert answer.status == 422
    assert answer.body["errors"] == {"identifier": ["Field required"]}


@pytest.mark.parametrize(
    ("asked", "kept"), [("abc-DEF_1.2", True), ("x" * 65, False), ("short", False), ("a b c d e f", False)]
)
def test_a_sane_request_id_is_kept(street: Street, asked: str, kept: bool) -> None:
    answer = ask(app, "GET", "/api/payment/methods", headers={"X-Request-Id": asked})
    assert (answer.headers["X-Request-Id"] == asked) is kept


@pytest.mark.parametrize(
    ("said", "nepali"),
    [
        ("ne", True),
        ("ne-NP,ne;q=0.9,en;q=0.8", True),
        ("en-US,en;q=0.9,ne;q=0.1", False),
        ("fr,ne;q=0.2", True),
        ("", False),
        ("ne;q=x", False),
        (";;;,,", False),
    ],
)
def test_refusals_are_told_in_the_callers_language(street: Street, said: str, nepali: bool) -> None:
    answer = ask(app, "GET", "/api/auth/me", headers={"Accept-Language": said})
    assert (answer.body["message"] == "कृपया साइन इन गर्नुहोस्।") is nepali


def test_what_is_personal_is_not_stored_on_the_way(street: Street) -> None:
    user = street.customer()
    answer = ask(app, "GET", "/api/auth/me", token=token_of(street, user))
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/app/stations", "/api/payment/packages", f"/api/app/stations/{LABIM.sn}"])
def test_what_is_the_same_for_all_is_told_once(street: Street, path: str) -> None:
    listings.refresh_board(street.world, "0")
    first = ask(app, "GET", path)
    assert first.headers["Cache-Control"].startswith("public")
    second = ask(app, "GET", path, headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
    assert (second.status, second.text) == (304, "")
    assert ask(app, "GET", path, headers={"If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize(
    ("origin", "allowed"), [("https://ops.example.com", True), ("https://evil.example.com", False)]
)
def test_only_configured_origins_may_read(street: Street, origin: str, allowed: bool) -> None:
    answer = ask(app, "GET", "/api/payment/methods", headers={"Origin": origin})
    assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed


def test_a_method_that_is_not_there_is_refused_in_our_words(street: Street) -> None:
    answer = raw(app, "DELETE", "/api/auth/me")
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (405, "method_not_allowed")


def raw(asked: Chalice, method: str, resource: str) -> Any:
    context = {"httpMethod": method, "resourcePath": resource, "identity": {}}
    event = {
        "headers": {},
        "pathParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": context,
        "stageVariables": None,
        "body": None,
    }
    return asked(event, None)


@pytest.fixture
def odd(world: World) -> Chalice:
    """An app with doors that misbehave."""
    routes = Routes(__name__, wiring.world, callers.authenticate, idempotency.keep, idempotency.let_go)

    @routes.get("/api/odd/bug")
    def bug() -> Answer:
        caller(routes)
        raise ValueError("a secret: 984-1000001")

    @routes.get("/api/odd/unguarded")
    def unguarded() -> Answer:
        return ok({"secret": 1})

    @routes.get("/api/odd/away")
    def away() -> Answer:
        raise Away("a neighbour", retry_after_seconds=7)

    @routes.get("/api/odd/limited")
    def limited() -> Answer:
        raise Problem("rate_limited", retry_after_seconds=9, left_paisa=12_345)

    made = Chalice(app_name="odd")
    made.register_blueprint(routes)
    prepare(made, wiring.world)
    return made


def asked_as_customer(odd: Chalice, street: Street, path: str) -> Asked:
    return ask(odd, "GET", path, token=token_of(street, street.customer()))


def test_a_bug_is_a_500_that_leaks_nothing(odd: Chalice, street: Street, capsys: pytest.CaptureFixture[str]) -> None:
    answer = asked_as_customer(odd, street, "/api/odd/bug")
    assert (answer.status, answer.code) == (500, "internal_error")
    told = answer.text + capsys.readouterr().out
    assert "secret" not in told
    assert "984-1000001" not in told


def test_a_door_that_never_asks_who_calls_stays_shut(odd: Chalice, street: Street) -> None:
    answer = asked_as_customer(odd, street, "/api/odd/unguarded")
    assert answer.status == 500
    assert "secret" not in answer.text


def test_a_neighbour_that_is_away_is_a_503(odd: Chalice, street: Street) -> None:
    answer = asked_as_customer(odd, street, "/api/odd/away")
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "busy", "7")


def test_details_are_told_in_rupees(odd: Chalice, street: Street) -> None:
    answer = asked_as_customer(odd, street, "/api/odd/limited")
    assert answer.headers["Retry-After"] == "9"
    assert answer.body["error"]["details"] == {"left": "123.45"}


def test_every_public_door_is_there() -> None:
    doors = {f"{method} {path}" for path, methods in app.routes.items() for method in methods}
    assert doors >= PUBLIC
