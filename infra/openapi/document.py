"""The whole document: paths and their operations, components, groups, servers, problem codes."""

from collections.abc import Iterator
from typing import Any

from chalicelib.domain.problems import KINDS
from chalicelib.edge.context import Door
from chalicelib.edge.public_routes import PUBLIC
from functions.tags import DESCRIPTIONS
from infra.openapi.components import Components, used
from infra.openapi.parameters import of_operation, of_path
from infra.openapi.responses import ENVELOPE, PROBLEM, codes, responses
from infra.openapi.schemas import ASKED, REF, Schemas

ABOUT = """\
Shared power banks in Nepal. Money is decimal text in NPR, times are UTC.

A request body may be JSON, a URL-encoded form or a multipart form, as each operation lists. A form has no null:
a field that would be null is left out. Unknown fields and parameters are refused, white space around values is not.

Operators' values are documented in lower case in requests, and taken in capitals too.

`x-codes` of an operation lists every problem code that it may answer with; `x-problems` tells the status and the
meaning of each code. New codes may be added to both."""
SERVERS = [
    {"url": "https://api.bijuli.example", "description": "Production"},
    {"url": "http://127.0.0.1:8000", "description": "The sandbox on this machine: `make demo`"},
]
SECURITY = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An access token"}}


def doors_of(app: Any) -> Iterator[Door]:
    """Every door of the app, by path and method."""
    for path in sorted(app.routes):
        for method in sorted(app.routes[path].keys() - {"OPTIONS"}):
            yield app.routes[path][method].view_function.door


def document(app: Any) -> dict[str, Any]:
    """The whole contract as OpenAPI 3.1."""
    doors = list(doors_of(app))
    schemas, first = Schemas(doors), Components()
    _paths(doors, schemas, first)
    components = first.counted()
    paths = _paths(doors, schemas, components)
    named = {"schemas": {**schemas.components, "Envelope": ENVELOPE, "Problem": PROBLEM}, **components.named}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bijuli", "version": "1", "description": ABOUT},
        "servers": SERVERS,
        "security": [{"token": []}],
        "tags": [{"name": tag.value, "description": told} for tag, told in DESCRIPTIONS.items()],
        "paths": paths,
        "components": {**used(paths, named), "securitySchemes": SECURITY},
        "x-problems": {code: {"status": kind.status, "meaning": kind.en} for code, kind in sorted(KINDS.items())},
    }


def _paths(doors: list[Door], schemas: Schemas, components: Components) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for door in doors:
        methods = paths.setdefault(door.path, {"parameters": of_path(door.path, components)})
        methods[door.method.lower()] = _operation(door, schemas, components)
    return paths


def _operation(door: Door, schemas: Schemas, components: Components) -> dict[str, Any]:
    name = door.path.removeprefix("/api/").replace("/", "_").replace("{", "").replace("}", "").replace("-", "_")
    summary, _, rest = door.about.strip().partition("\n")
    described = " ".join(rest.split())
    parameters = of_operation(door, schemas, components)
    body = _body(door, schemas, components)
    return {
        "operationId": f"{door.method.lower()}_{name}",
        "tags": [door.tag],
        "summary": summary,
        **({"description": described} if described else {}),
        **({"security": []} if door.name in PUBLIC else {}),
        **({"security": [{"token": [door.right]}]} if door.right else {}),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": body} if body else {}),
        "responses": responses(door, schemas, components),
        "x-codes": codes(door),
    }


def _body(door: Door, schemas: Schemas, components: Components) -> dict[str, Any] | None:
    if door.callback is not None and door.method == "POST":
        kinds = ["application/json"] if door.signature else ["application/json", "application/x-www-form-urlencoded"]
        schema = {"$ref": REF.format(model=schemas.name(door.callback, ASKED))}
        return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}
    if door.asks is None:
        return None
    whole = schemas.resolved(door.asks, ASKED)
    needed = {"required": True} if {"required", "oneOf", "anyOf"} & whole.keys() else {}
    said = {**needed, "content": schemas.bodies(door.asks)}
    return components.shared("requestBodies", schemas.name(door.asks, ASKED), said)
