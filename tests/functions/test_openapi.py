"""The document that clients read: whole, valid, and true of what the doors do."""

import ast
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from app import app
from chalicelib.domain.problems import PROBLEM_KINDS
from chalicelib.edge.public_routes import PUBLIC
from infra.openapi import document
from infra.openapi.document import routes_of
from tests.contract import documented, operations, resolved
from tests.full_day import FullDay
from tests.network import Network

ROOT = Path(__file__).parents[2]
BY_VARIABLE = {
    "account_banned",
    "profile_incomplete",
    "kyc_required",
    "due_unpaid",
    "rental_open",
    "topup_pending",
    "balance_left",
}
"""Raised as the first of the reasons not to rent, or not to delete an account."""
BY_CHALICE = {"method_not_allowed"}


def test_the_document_in_docs_is_of_these_doors() -> None:
    kept = json.loads((ROOT / "docs" / "openapi.json").read_text())
    assert kept == json.loads(json.dumps(document(app))), "make openapi"


@pytest.mark.long
def test_it_is_openapi() -> None:
    found = json.loads(json.dumps(documented(app)))
    assert found["openapi"].startswith("3.1")
    validate(found)


def test_every_door_is_in_it_under_a_name_of_its_own() -> None:
    names = Counter(operation["operationId"] for _, operation in operations(app))
    assert {name for name, _ in operations(app)} == {route.name for route in routes_of(app)}
    assert [name for name, count in names.items() if count > 1] == []


def test_every_door_says_what_it_is_for_and_what_it_answers() -> None:
    for route in routes_of(app):
        browser = "/webhook/" in route.path or "/checkout/" in route.path
        assert route.summary, route.name
        assert route.response is not None or (browser and route.method == "GET"), route.name
        assert route.body is not None or route.method in ("GET", "DELETE") or browser, route.name


def test_every_door_but_the_public_ones_wants_a_token() -> None:
    rights = {route.name: route.permission for route in routes_of(app)}
    assert documented(app)["security"] == [{"token": []}]
    for name, operation in operations(app):
        guarded = [{"token": [rights[name]]}] if rights[name] else documented(app)["security"]
        assert operation.get("security", documented(app)["security"]) == ([] if name in PUBLIC else guarded)
        assert name in PUBLIC or {"401", "403"} <= operation["responses"].keys(), name


def test_an_operation_lists_exactly_the_statuses_of_its_codes_and_successes() -> None:
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
        assert ("/admin/" in name) == operation["tags"][0].startswith("Admin: "), name


def test_a_body_is_required_only_where_a_field_of_it_is() -> None:
    asks = {route.name: route.body for route in routes_of(app) if route.body is not None}
    for name, operation in operations(app):
        if name in asks:
            body = resolved(app, operation["requestBody"])
            schema = resolved(app, body["content"]["multipart/form-data"]["schema"])
            needed = bool({"required", "oneOf", "anyOf"} & schema.keys())
            assert body.get("required", False) is needed, name
            assert body["content"].keys() == {
                "application/json",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
            }


def test_a_code_that_says_come_again_is_always_raised_with_when() -> None:
    """429 and 503 promise a Retry-After."""
    for folder in ("chalicelib", "functions"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for code, where, names in problems_in(path):
                if PROBLEM_KINDS[code].status in (429, 503):
                    assert "retry_after_seconds" in names, where


@pytest.mark.long
def test_a_day_through_every_door_is_as_documented(network: Network) -> None:
    """Each answer of the day is held against the document as it comes: `tests/http_client.py` does it for every
    test."""
    day = FullDay(network)
    day.live()
    assert day.routes_used == {route.name for route in routes_of(app)}
    assert network.books_balance()


def problems_in(path: Path) -> Iterator[tuple[str, str, set[str | None]]]:
    """Every `Problem(...)` of a file whose code is written out: the code, where, and the names of its arguments."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
            code = node.args[0]
            if isinstance(code, ast.Constant):
                names = {keyword.arg for keyword in node.keywords}
                yield str(code.value), f"{path.name}:{node.lineno}", names


def raised() -> Iterator[tuple[str, str]]:
    """Every code that is written out in a `Problem(...)`, and where."""
    for folder in ("chalicelib", "functions"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from ((code, where) for code, where, _ in problems_in(path))


def test_every_code_that_is_raised_is_known() -> None:
    assert [where for code, where in raised() if code not in PROBLEM_KINDS] == []


def test_every_code_that_is_known_is_raised() -> None:
    assert set(PROBLEM_KINDS) == {code for code, _ in raised()} | BY_VARIABLE | BY_CHALICE


@pytest.mark.parametrize("code", sorted(PROBLEM_KINDS))
def test_every_code_speaks_both_languages(code: str) -> None:
    kind = PROBLEM_KINDS[code]
    assert kind.en.isascii()
    assert kind.en.endswith(".")
    assert not kind.ne.isascii()
    assert 400 <= kind.status <= 599


def test_every_code_is_explained_where_clients_look() -> None:
    answer = documented(app)["x-problems"]
    assert {code: item["status"] for code, item in answer.items()} == {
        code: kind.status for code, kind in PROBLEM_KINDS.items()
    }
