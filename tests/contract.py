"""Holds every answer the app gives in a test against the document that its clients read."""

import json
from functools import cache
from typing import Any

from chalice.app import Chalice
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from infra.openapi import document


@cache
def documented(app: Chalice) -> dict[str, Any]:
    """The app's document, made once."""
    return document(app)


def must_be_documented(app: Chalice, method: str, path: str, answer: dict[str, Any]) -> None:
    """Raises AssertionError for a status, a code or a field that the document does not tell of."""
    operation = documented(app)["paths"][path][method.lower()]
    status, body = str(answer["statusCode"]), answer["body"]
    assert status in operation["responses"], f"{method} {path} may not answer {status}: {body[:300]}"
    told = operation["responses"][status]
    if "application/problem+json" in told.get("content", {}):
        code = json.loads(body)["error"]["code"]
        assert f"`{code}`" in told["description"], f"{method} {path} may not answer {code}"
    for kind in told.get("content", {}):
        if kind.endswith("json"):
            validator(app, method, path, status, kind).validate(json.loads(body))


@cache
def validator(app: Chalice, method: str, path: str, status: str, kind: str) -> Any:
    told = documented(app)["paths"][path][method.lower()]["responses"][status]["content"][kind]["schema"]
    return Draft202012Validator(told | {"components": documented(app)["components"]})
