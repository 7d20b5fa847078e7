"""OpenAPI 3.1 out of what the doors declare: the models that validate are the models that are documented."""

import json
import sys
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, TypeAdapter

from chalicelib.domain.problems import KINDS
from chalicelib.edge.answers import Table
from chalicelib.edge.guard import PUBLIC
from chalicelib.edge.visit import Door
from infra.examples import example

REF = "#/components/schemas/{model}"
ALWAYS = ("internal_error", "storage_unavailable", "busy")
GUARDED = ("unauthenticated", "token_expired", "session_ended", "account_banned")
READING = ("malformed_body", "too_large", "unsupported_media_type", "invalid_input")
KEYED = ("idempotency_key_reused", "idempotency_in_progress")
CONTENT_TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
PROBLEM = {
    "type": "object",
    "required": ["success", "message", "error", "type", "title", "status", "detail", "request_id"],
    "properties": {
        "success": {"const": False},
        "message": {"type": "string"},
        "error": {
            "type": "object",
            "required": ["code", "message", "details"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "details": {"type": "object"},
            },
        },
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
    },
}


def doors_of(app: Any) -> Iterator[Door]:
    """Every door of the app, by path and method."""
    for path in sorted(app.routes):
        for method in sorted(app.routes[path].keys() - {"OPTIONS"}):
            yield app.routes[path][method].view_function.door


def document(app: Any) -> dict[str, Any]:
    """The whole contract as OpenAPI 3.1."""
    schemas: dict[str, Any] = {"Problem": PROBLEM}
    paths: dict[str, Any] = {}
    for door in doors_of(app):
        paths.setdefault(door.path, {})[door.method.lower()] = _operation(door, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Bijuli",
            "version": "1",
            "description": "Shared power banks in Nepal. Money is decimal text in NPR, times are UTC.",
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "x-problems": {code: {"status": kind.status, "meaning": kind.en} for code, kind in sorted(KINDS.items())},
    }


def _operation(door: Door, schemas: dict[str, Any]) -> dict[str, Any]:
    name = door.path.removeprefix("/api/").replace("/", "_").replace("{", "").replace("}", "").replace("-", "_")
    operation: dict[str, Any] = {
        "operationId": f"{door.method.lower()}_{name}",
        "summary": door.about.strip().splitlines()[0] if door.about else "",
        "tags": [door.path.split("/")[2]],
        "parameters": _parameters(door, schemas),
        "responses": _responses(door, schemas),
        "security": [] if door.name in PUBLIC else [{"token": []}],
    }
    if door.asks is not None:
        schema = _schema(door.asks, schemas, "validation")
        content = {"schema": schema, "example": example(schema, schemas)}
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(CONTENT_TYPES, content)}
    return operation


def _parameters(door: Door, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": part[1:-1], "in": "path", "required": True, "schema": {"type": "string"}}
        for part in door.path.split("/")
        if part.startswith("{")
    ]
    if door.query is not None:
        schema = schemas[_named(door.query, schemas, "validation")]
        required = schema.get("required", [])
        found += [
            {"name": name, "in": "query", "required": name in required, "schema": of}
            for name, of in schema["properties"].items()
        ]
    if door.idempotent:
        key = {"type": "string", "minLength": 1, "maxLength": 255}
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": key})
    if door.cached:
        found.append({"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}})
    return found


def _responses(door: Door, schemas: dict[str, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status in (200, 201, 202) if door.method == "POST" else (200,):
        if door.answer is None:
            responses["200"] = {"description": "A page", "content": {"text/html": {"schema": {"type": "string"}}}}
            responses["303"] = {"description": "The browser is sent on"}
            break
        if door.answer is Table:
            responses["200"] = {"description": "A file", "content": {"text/csv": {"schema": {"type": "string"}}}}
            break
        envelope = {
            "type": "object",
            "required": ["success", "message", "data"],
            "properties": {
                "success": {"const": True},
                "message": {"type": "string"},
                "data": _schema(door.answer, schemas, "serialization"),
            },
        }
        content = {"schema": envelope, "example": example(envelope, schemas) | {"message": HTTPStatus(status).phrase}}
        told = {"description": HTTPStatus(status).phrase, "content": {"application/json": content}}
        responses[str(status)] = told
    if door.cached:
        responses["304"] = {"description": "As the caller has it already"}
    for status, codes in sorted(_codes(door).items()):
        shown = {"success": False, "error": {"code": codes[0], "message": KINDS[codes[0]].en, "details": {}}}
        content = {"schema": {"$ref": REF.format(model="Problem")}, "example": shown}
        responses[str(status)] = {
            "description": ", ".join(f"`{code}`" for code in codes),
            "content": {"application/problem+json": content},
        }
    return responses


def _codes(door: Door) -> dict[int, list[str]]:
    """Every code the door may answer with, by status."""
    codes = set(door.problems) | set(ALWAYS)
    codes |= set(GUARDED) if door.name not in PUBLIC else set()
    codes |= set(READING) if door.asks is not None else set()
    codes |= {"invalid_input"} if door.query is not None else set()
    codes |= {"invalid_cursor"} if door.query is not None and "cursor" in door.query.model_fields else set()
    codes |= {"not_found"} if "{" in door.path else set()
    codes |= {"forbidden"} if door.right else set()
    codes |= set(KEYED) | {"invalid_input"} if door.idempotent else set()
    found: dict[int, list[str]] = {}
    for code in sorted(codes):
        found.setdefault(KINDS[code].status, []).append(code)
    return found


def _schema(of: Any, schemas: dict[str, Any], mode: Any) -> dict[str, Any]:
    if isinstance(of, type) and issubclass(of, BaseModel):
        return {"$ref": REF.format(model=_named(of, schemas, mode))}
    made = TypeAdapter(of).json_schema(ref_template=REF, mode=mode)
    schemas.update(made.pop("$defs", {}))
    return dict(made)


def _named(of: type[BaseModel], schemas: dict[str, Any], mode: Any) -> str:
    """The model's schema among the components, under its own name."""
    name = of.__name__.replace("[", "Of").replace("]", "")
    made = of.model_json_schema(ref_template=REF, mode=mode)
    schemas.update(made.pop("$defs", {}))
    schemas[name] = made
    return name


def main() -> int:
    """Print the document."""
    from app import app

    sys.stdout.write(json.dumps(document(app), indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
