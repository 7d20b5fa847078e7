"""The API document: complete, valid, and true of the routes."""

import json
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest
from openapi_spec_validator import validate

from app import app
from chalicelib.domain.problems.problem_codes import FinalCode, ProblemCode, RetryCode
from chalicelib.domain.problems.problems import PROBLEM_KINDS, Problem
from chalicelib.edge.public_routes import CABINET_CALLS, PUBLIC
from infra.openapi import document
from infra.openapi.document import routes_of
from tests.scenarios.contract import documented, operations, resolved
from tests.scenarios.full_day import FullDay
from tests.world.network import Network

ROOT = Path(__file__).parents[2]
BY_CHALICE = {"method_not_allowed"}


def test_the_document_in_docs_is_up_to_date() -> None:
    stored = json.loads((ROOT / "docs" / "openapi.json").read_text())
    assert stored == json.loads(json.dumps(document(app))), "make openapi"


@pytest.mark.long
def test_the_document_is_valid_openapi() -> None:
    content = json.loads(json.dumps(documented(app)))
    assert content["openapi"].startswith("3.1")
    validate(content)


def test_every_route_is_documented_under_its_own_operation_id() -> None:
    names = Counter(operation["operationId"] for _, operation in operations(app))
    assert {name for name, _ in operations(app)} == {route.name for route in routes_of(app)}
    assert [name for name, count in names.items() if count > 1] == []


def test_every_route_declares_summary_body_and_response() -> None:
    for route in routes_of(app):
        browser = "/webhook/" in route.path or "/checkout/" in route.path
        assert route.summary, route.name
        assert route.response is not None or (browser and route.method == "GET"), route.name
        has_body = route.body is not None or route.name in CABINET_CALLS
        assert has_body or route.method in ("GET", "DELETE") or browser, route.name


def test_every_route_but_the_public_ones_needs_a_token() -> None:
    rights = {route.name: route.permission for route in routes_of(app)}
    optional = {route.name for route in routes_of(app) if route.optional_caller}
    assert documented(app)["security"] == [{"token": []}]
    assert optional <= PUBLIC
    for name, operation in operations(app):
        guarded = [{"token": [rights[name]]}] if rights[name] else documented(app)["security"]
        public: list[dict[str, list[str]]] = [{}, {"token": []}] if name in optional else []
        assert operation.get("security", documented(app)["security"]) == (public if name in PUBLIC else guarded)
        assert name in PUBLIC or {"401", "403"} <= operation["responses"].keys(), name


def test_an_operation_lists_the_statuses_of_its_codes_and_successes() -> None:
    statuses = {route.name: {str(status) for status in route.statuses} for route in routes_of(app)}
    for name, operation in operations(app):
        of_codes = {str(PROBLEM_KINDS[code].status) for code in operation["x-codes"]}
        assert operation["responses"].keys() - {"304"} == of_codes | statuses[name], name


def test_only_an_operation_with_an_etag_answers_304() -> None:
    cached = {route.name for route in routes_of(app) if route.cached}
    assert {name for name, operation in operations(app) if "304" in operation["responses"]} == cached


def test_every_parameter_has_a_description() -> None:
    paths = [item.get("parameters", []) for item in documented(app)["paths"].values()]
    own = [operation.get("parameters", []) for _, operation in operations(app)]
    for parameter in (resolved(app, item) for group in (*paths, *own) for item in group):
        assert parameter["description"], parameter["name"]
        assert "null" not in json.dumps(parameter["schema"]), parameter["name"]


def test_every_group_is_described_and_every_operation_is_in_one() -> None:
    groups = [tag["name"] for tag in documented(app)["tags"]]
    assert all(tag["description"] for tag in documented(app)["tags"])
    assert {group for _, operation in operations(app) for group in operation["tags"]} == set(groups)
    for name, operation in operations(app):
        assert ("/admin/" in name or "/internal/" in name) == operation["tags"][0].startswith("Admin: "), name


def test_a_body_is_required_only_where_a_field_of_it_is() -> None:
    bodies = {route.name: route.body for route in routes_of(app) if route.body is not None}
    for name, operation in operations(app):
        if name in bodies:
            body = resolved(app, operation["requestBody"])
            schema = resolved(app, body["content"]["multipart/form-data"]["schema"])
            needed = bool({"required", "oneOf", "anyOf"} & schema.keys())
            assert body.get("required", False) is needed, name
            assert body["content"].keys() == {
                "application/json",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
            }


def test_the_codes_that_need_a_retry_after_are_those_of_429_and_503() -> None:
    """mypy requires `retry_after_seconds` wherever one of them is raised."""
    assert set(get_args(RetryCode)) == {code for code, kind in PROBLEM_KINDS.items() if kind.status in (429, 503)}


@pytest.mark.long
def test_a_full_day_through_every_route_is_as_documented(network: Network) -> None:
    """`tests/world/http_client.py` checks every response of every test against the document."""
    day = FullDay(network)
    day.run()
    assert day.routes_used == {route.name for route in routes_of(app)}
    assert network.books_balance()


def test_every_declared_code_has_a_status_and_texts() -> None:
    assert set(PROBLEM_KINDS) == {*get_args(RetryCode), *get_args(FinalCode)}


def test_every_declared_code_is_documented_at_an_operation() -> None:
    documented_codes = {code for _, operation in operations(app) for code in operation["x-codes"]}
    assert set(PROBLEM_KINDS) == documented_codes | BY_CHALICE


def test_an_undeclared_code_raises_at_once() -> None:
    with pytest.raises(KeyError):
        Problem("never_declared")  # type: ignore[call-overload]


@pytest.mark.parametrize("code", sorted(PROBLEM_KINDS))
def test_every_code_has_a_text_in_both_languages(code: ProblemCode) -> None:
    kind = PROBLEM_KINDS[code]
    assert kind.en.isascii()
    assert kind.en.endswith((".", "?"))
    assert not kind.ne.isascii()
    assert 400 <= kind.status <= 599


def test_every_code_is_explained_in_the_document() -> None:
    answer = documented(app)["x-problems"]
    assert {code: item["status"] for code, item in answer.items()} == {
        code: kind.status for code, kind in PROBLEM_KINDS.items()
    }
