"""Compares every response of the app in a test with the API document."""

import json
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

from chalice.app import Chalice
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from infra.openapi import document

REMEMBERED = 5_000
ANY_ID = "0" * 26
TRANSPORT_HEADERS = ("content-type", "vary", "allow", "access-control-")
"""Headers that no operation documents: those of HTTP caches and of CORS, and the content type."""


@cache
def documented(app: Chalice) -> dict[str, Any]:
    """The app's document, made once."""
    return document(app)


def operations(app: Chalice) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation by `METHOD path`."""
    for path, methods in documented(app)["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


def resolved(app: Chalice, content: dict[str, Any]) -> dict[str, Any]:
    """The content with its reference resolved."""
    target: Any = content
    while "$ref" in target:
        _, _, kind, name = target["$ref"].split("/")
        target = documented(app)["components"][kind][name]
    return dict(target)


def must_be_documented(app: Chalice, method: str, path: str, answer: dict[str, Any]) -> None:
    """Raises AssertionError or ValidationError for a status, code, field or header that is not documented, and for
    one that is promised and missing. The response to a HEAD is that of a GET without a body."""
    is_head, method = method == "HEAD", "GET" if method == "HEAD" else method
    operation = documented(app)["paths"][path][method.lower()]
    status, body = str(answer["statusCode"]), answer["body"]
    where = f"{method} {path}"
    assert status in operation["responses"], f"{where} may not answer {status}: {body[:300]}"
    content = resolved(app, operation["responses"][status])
    headers_must_conform(app, method, path, status, answer["headers"])
    sent = next((v for n, v in answer["headers"].items() if n.lower() == "content-type"), "").partition(";")[0]
    assert sent in content.get("content", {"": None}), f"{where} may not answer {status} with {sent}"
    if is_head:
        assert body == "", f"HEAD {path} answers with a body"
    elif sent.endswith("json"):
        # the same body but for its request id was checked before
        body = body.replace(answer["headers"].get("X-Request-Id", ANY_ID), ANY_ID)
        body_must_be_documented(app, method, path, status, sent, body)


@lru_cache(maxsize=REMEMBERED)
def body_must_be_documented(app: Chalice, method: str, path: str, status: str, kind: str, body: str) -> None:
    """Check the JSON of a response. A body that the same operation sent before is not checked again."""
    operation, where = documented(app)["paths"][path][method.lower()], f"{method} {path}"
    value = json.loads(body)
    validator(app, method, path, status, kind).validate(value)
    if kind == "application/problem+json":
        code_must_be_documented(app, where, operation, value)
    else:
        extra = value.keys() - {"success", "message", "data"}
        content = resolved(app, operation["responses"][status])
        assert extra <= fields_beside_data(app, content), f"{where} may not answer {extra}"


def code_must_be_documented(app: Chalice, where: str, operation: dict[str, Any], content: dict[str, Any]) -> None:
    """Check that the operation documents the code, and that the code has this status."""
    code = content["error"]["code"]
    assert code in operation["x-codes"], f"{where} may not answer {code}"
    assert documented(app)["x-problems"][code]["status"] == content["status"], code
    assert ("errors" in content) == (content["status"] == 422), where


def fields_beside_data(app: Chalice, content: dict[str, Any]) -> set[str]:
    """The documented top-level fields of a success, without `data`."""
    _, own = content["content"]["application/json"]["schema"]["allOf"]
    return set(own["properties"]) - {"data"}


def headers_must_conform(app: Chalice, method: str, path: str, status: str, headers: dict[str, str]) -> None:
    """Check that each header is documented with this value, and that no required header is missing."""
    sent = {name.lower(): value for name, value in headers.items() if not name.lower().startswith(TRANSPORT_HEADERS)}
    names, required = documented_headers(app, method, path, status)
    where = f"{method} {path}"
    assert sent.keys() <= names, f"{where} may not answer {status} with {sent.keys() - names}"
    assert required <= sent.keys(), f"{where} answers {status} without {required - sent.keys()}"
    for name, value in sent.items():
        header_must_conform(app, method, path, status, name, value)


@cache
def documented_headers(app: Chalice, method: str, path: str, status: str) -> tuple[set[str], set[str]]:
    """The names of a response's headers in lower case, and those of the required ones."""
    items = header_items(app, method, path, status)
    return set(items), {name for name, item in items.items() if item.get("required")}


@lru_cache(maxsize=REMEMBERED)
def header_must_conform(app: Chalice, method: str, path: str, status: str, name: str, value: str) -> None:
    schema = header_items(app, method, path, status)[name]["schema"]
    valued = int(value) if schema.get("type") == "integer" else value
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(valued)


def header_items(app: Chalice, method: str, path: str, status: str) -> dict[str, dict[str, Any]]:
    """The documented headers of a response, by their name in lower case."""
    content = resolved(app, documented(app)["paths"][path][method.lower()]["responses"][status])
    return {name.lower(): resolved(app, item) for name, item in content.get("headers", {}).items()}


@cache
def validator(app: Chalice, method: str, path: str, status: str, kind: str) -> Any:
    content = resolved(app, documented(app)["paths"][path][method.lower()]["responses"][status])
    whole = content["content"][kind]["schema"] | {"components": documented(app)["components"]}
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
