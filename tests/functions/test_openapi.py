"""The document that clients read: whole, valid, and true of what the doors do."""

import ast
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from app import app
from chalicelib.domain.problems import KINDS
from chalicelib.edge.guard import PUBLIC
from infra.openapi import document, doors_of
from tests.contract import documented
from tests.day import Day
from tests.street import Street

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


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in documented(app)["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_document_in_docs_is_of_these_doors() -> None:
    kept = json.loads((ROOT / "docs" / "openapi.json").read_text())
    assert kept == json.loads(json.dumps(document(app))), "make openapi"


@pytest.mark.long
def test_it_is_openapi() -> None:
    found = json.loads(json.dumps(documented(app)))
    assert found["openapi"].startswith("3.1")
    validate(found)


def test_every_door_is_in_it_under_a_name_of_its_own() -> None:
    names = Counter(operation["operationId"] for _, operation in operations())
    assert {name for name, _ in operations()} == {door.name for door in doors_of(app)}
    assert [name for name, count in names.items() if count > 1] == []


def test_every_door_says_what_it_is_for_and_what_it_answers() -> None:
    for door in doors_of(app):
        browser = "/webhook/" in door.path or "/checkout/" in door.path
        assert door.about, door.name
        assert door.answer is not None or (browser and door.method == "GET"), door.name
        assert door.asks is not None or door.method in ("GET", "DELETE") or browser, door.name


def test_every_door_but_the_public_ones_wants_a_token() -> None:
    for name, operation in operations():
        assert operation["security"] == ([] if name in PUBLIC else [{"token": []}])
        assert name in PUBLIC or {"401", "403"} <= operation["responses"].keys(), name


@pytest.mark.long
def test_a_day_through_every_door_is_as_documented(street: Street) -> None:
    """Each answer of the day is held against the document as it comes: `tests/asking.py` does it for every test."""
    day = Day(street)
    day.live()
    assert day.doors == {door.name for door in doors_of(app)}
    assert street.books_balance()


def raised() -> Iterator[tuple[str, str]]:
    """Every code that is written out in a `Problem(...)`, and where."""
    for folder in ("chalicelib", "functions"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                    code = node.args[0]
                    if isinstance(code, ast.Constant):
                        yield str(code.value), f"{path.name}:{node.lineno}"


def test_every_code_that_is_raised_is_known() -> None:
    assert [where for code, where in raised() if code not in KINDS] == []


def test_every_code_that_is_known_is_raised() -> None:
    assert set(KINDS) == {code for code, _ in raised()} | BY_VARIABLE | BY_CHALICE


@pytest.mark.parametrize("code", sorted(KINDS))
def test_every_code_speaks_both_languages(code: str) -> None:
    kind = KINDS[code]
    assert kind.en.isascii()
    assert kind.en.endswith(".")
    assert not kind.ne.isascii()
    assert 400 <= kind.status <= 599


def test_every_code_is_explained_where_clients_look() -> None:
    told = documented(app)["x-problems"]
    assert {code: one["status"] for code, one in told.items()} == {code: kind.status for code, kind in KINDS.items()}
