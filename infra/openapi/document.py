"""Makes the whole document: paths and their operations, components, groups, servers, problem codes."""

from collections.abc import Iterator
from typing import Any

from chalicelib.domain.problems.problems import PROBLEM_KINDS
from chalicelib.edge.context import RouteSpec
from chalicelib.edge.public_routes import PUBLIC
from functions.tags import DESCRIPTIONS
from infra.openapi.components import Components, used
from infra.openapi.parameters import of_operation, of_path
from infra.openapi.responses import ENVELOPE, PROBLEM, codes, responses
from infra.openapi.schemas import REF, REQUEST, Schemas

ABOUT = """\
Shared power banks in Nepal. Money is decimal text in NPR, times are UTC.

A request body may be JSON, a URL-encoded form or a multipart form, as each operation lists. Forms and queries have
no null: a field or parameter that is left out or sent empty is absent. Unknown fields are refused, and unknown
parameters where an operation has parameters of its own; white space around values is not. Digits in a text count as
a number, Nepali ones too.

Operators' values are documented in lower case in requests, and taken in capitals too.

`x-codes` of an operation lists every problem code that it may answer with; `x-problems` lists the status and the
meaning of each code. New codes may be added to both."""
SERVERS = [
    {"url": "https://api.bijuli.example", "description": "Production"},
    {"url": "http://127.0.0.1:8000", "description": "The sandbox on this machine: `make demo`"},
]
SECURITY = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "An access token"}}


def routes_of(app: Any) -> Iterator[RouteSpec]:
    """Every route of the app, ordered by path and method. HEAD is no route of its own: it answers as GET."""
    for path in sorted(app.routes):
        for method in sorted(app.routes[path].keys() - {"OPTIONS", "HEAD"}):
            yield app.routes[path][method].view_function.route


def document(app: Any) -> dict[str, Any]:
    """The API document as OpenAPI 3.1."""
    routes_used = list(routes_of(app))
    schemas, first = Schemas(routes_used), Components()
    _paths(routes_used, schemas, first)
    components = first.counted()
    paths = _paths(routes_used, schemas, components)
    all_components = {
        "schemas": {**schemas.components, "Envelope": ENVELOPE, "Problem": PROBLEM},
        **components.by_kind,
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bijuli", "version": "1", "description": ABOUT},
        "servers": SERVERS,
        "security": [{"token": []}],
        "tags": [{"name": tag.value, "description": text} for tag, text in DESCRIPTIONS.items()],
        "paths": paths,
        "components": {**used(paths, all_components), "securitySchemes": SECURITY},
        "x-problems": {
            code: {"status": kind.status, "meaning": kind.en} for code, kind in sorted(PROBLEM_KINDS.items())
        },
    }


def _paths(routes_used: list[RouteSpec], schemas: Schemas, components: Components) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    taken: set[str] = set()
    for route in routes_used:
        methods = paths.setdefault(route.path, {"parameters": of_path(route.path, components)})
        methods[route.method.lower()] = _operation(route, schemas, components, taken)
    return paths


def _operation_id(route: RouteSpec, taken: set[str]) -> str:
    """`get_admin_users` for a route, and `get_admin_users_2` for another one whose path differs by a hyphen only."""
    path = route.path.removeprefix("/api/").replace("/", "_").replace("{", "").replace("}", "").replace("-", "_")
    name = f"{route.method.lower()}_{path}"
    name = f"{name}_2" if name in taken else name
    taken.add(name)
    return name


def _operation(route: RouteSpec, schemas: Schemas, components: Components, taken: set[str]) -> dict[str, Any]:
    summary, _, rest = route.summary.strip().partition("\n")
    described = " ".join(rest.split())
    parameters = of_operation(route, schemas, components)
    body = _body(route, schemas, components)
    return {
        "operationId": _operation_id(route, taken),
        "tags": [route.tag],
        "summary": summary,
        **({"description": described} if described else {}),
        **({"security": [{}, {"token": []}] if route.optional_caller else []} if route.name in PUBLIC else {}),
        **({"security": [{"token": [route.permission]}]} if route.permission else {}),
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": body} if body else {}),
        "responses": responses(route, schemas, components),
        "x-codes": codes(route),
    }


def _body(route: RouteSpec, schemas: Schemas, components: Components) -> dict[str, Any] | None:
    if route.callback is not None and route.method == "POST":
        kinds = ["application/json"] if route.signature else ["application/json", "application/x-www-form-urlencoded"]
        schema = {"$ref": REF.format(model=schemas.name(route.callback, REQUEST))}
        return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}
    if route.raw_content is not None:
        bytes_schema: dict[str, Any] = {"type": "string", "format": "binary", "minLength": 1}
        return {"required": True, "content": {route.raw_content: {"schema": bytes_schema}}}
    if route.body is None:
        return None
    whole = schemas.resolved(route.body, REQUEST)
    needed = {"required": True} if {"required", "oneOf", "anyOf"} & whole.keys() else {}
    content = {**needed, "content": schemas.bodies(route.body)}
    return components.shared("requestBodies", schemas.name(route.body, REQUEST), content)
