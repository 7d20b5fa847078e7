"""The responses of an operation: its successes with their headers, and its problems."""

from typing import Any

from chalicelib.domain.operators.role import OWN_ACCOUNT
from chalicelib.domain.problems.problem_codes import ProblemCode
from chalicelib.domain.problems.problems import PROBLEM_KINDS
from chalicelib.edge.context import RouteSpec
from chalicelib.edge.models import CsvQuery
from chalicelib.edge.public_routes import PUBLIC
from chalicelib.edge.rendering import CSV_TYPE, HTML_TYPE, JSON_TYPE, NEXT_CURSOR, PROBLEM_TYPE
from chalicelib.edge.responses import CsvFile
from infra.openapi.components import Components
from infra.openapi.schemas import REF, RESPONSE, Schemas

ALWAYS: tuple[ProblemCode, ...] = ("internal_error", "storage_unavailable", "busy")
GUARDED: tuple[ProblemCode, ...] = ("unauthenticated", "token_expired", "session_ended", "account_banned")
READING: tuple[ProblemCode, ...] = ("malformed_body", "too_large", "unsupported_media_type", "invalid_input")
KEYED: tuple[ProblemCode, ...] = ("idempotency_key_reused", "idempotency_in_progress")
STATUS_TEXTS = {
    200: "OK",
    201: "Created",
    202: "Accepted, and not decided yet",
    303: "See Other",
    304: "Not Modified: the caller has the newest already",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found, or not the caller's",
    409: "Conflict: the state forbids it",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content: `errors` names the fields",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout: the station is silent",
}
STATUS_NAMES = {400: "BadRequest", 401: "Unauthorized", 402: "PaymentRequired", 403: "Forbidden", 404: "NotFound"} | {
    409: "Conflict",
    413: "ContentTooLarge",
    415: "UnsupportedMediaType",
    422: "UnprocessableContent",
    429: "TooManyRequests",
    500: "InternalServerError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


def header(description: str, *, required: bool = True, **schema: Any) -> dict[str, Any]:
    return {"description": description, **({"required": True} if required else {}), "schema": schema}


HEADERS = {
    "X-Request-Id": header("The id of the request. Name it to support", type="string"),
    "NoStore": header("No cache may store it", const="no-store"),
    "MaxAge": header("Seconds for which any cache may store it", type="string", pattern="^public, max-age=[0-9]+$"),
    "MayMaxAge": header(
        "Seconds for which any cache may store it; `no-store` for a caller with an access token",
        type="string",
        pattern="^(public, max-age=[0-9]+|no-store)$",
    ),
    "ETag": header("Names this content", type="string", pattern='^"[0-9a-f]{32}"$'),
    "Idempotent-Replayed": header("Present when an Idempotency-Key replayed an earlier response")
    | {"required": False, "schema": {"const": "true"}},
    "Retry-After": header("Seconds to wait before the next try", type="integer", minimum=0),
    "MayRetryAfter": header("Seconds to wait before the next try", required=False, type="integer", minimum=0),
    "WWW-Authenticate": header("How to authenticate", const='Bearer realm="bijuli"'),
    "Location": header("The address to follow with GET", type="string", format="uri"),
    "Content-Disposition": header("The file's name", type="string", pattern=r'^attachment; filename="[\w.-]+"$'),
    "MayContentDisposition": header(
        "The file's name", required=False, type="string", pattern=r'^attachment; filename="[\w.-]+"$'
    ),
    "X-Next-Cursor": header("The cursor of the rows that follow in a list", required=False, type="string"),
    "Content-Security-Policy": header("What the page may load and run", type="string"),
    "X-Content-Type-Options": header("The content is of its type and no other", const="nosniff"),
}
"""Beside these, a response has the headers of HTTP caches and of CORS: `Vary` and `Access-Control-*`."""
REPLAYED = {"Idempotent-Replayed": "Idempotent-Replayed"}
ON_PROBLEM = {
    401: {"WWW-Authenticate": "WWW-Authenticate"},
    409: {"Retry-After": "MayRetryAfter"} | REPLAYED,
    429: {"Retry-After": "Retry-After"},
    502: {"Retry-After": "Retry-After"} | REPLAYED,
    503: {"Retry-After": "Retry-After"} | REPLAYED,
    504: {"Retry-After": "Retry-After"},
}


def responses(route: RouteSpec, schemas: Schemas, components: Components) -> dict[str, Any]:
    """Every response of an operation, by status."""
    content = {str(status): _success(route, status, schemas, components) for status in route.statuses}
    if route.cached:
        caching = {"description": STATUS_TEXTS[304], "headers": _headers(components, **_caching(route))}
        name = "NotModifiedForCaller" if route.optional_caller else "NotModified"
        content["304"] = components.ref("responses", name, caching)
    for status in sorted({PROBLEM_KINDS[code].status for code in codes(route)}):
        content[str(status)] = components.ref("responses", STATUS_NAMES[status], _problem(status, components))
    return content


def codes(route: RouteSpec) -> list[ProblemCode]:
    """Every problem code that the operation may return, ordered by status."""
    listed: set[ProblemCode] = {*route.problems, *ALWAYS}
    listed |= set(GUARDED) if route.name not in PUBLIC else set()
    listed |= set(READING) if route.body is not None else set()
    listed |= {"invalid_input"} if route.query is not None else set()
    listed |= {"invalid_cursor"} if route.query is not None and "cursor" in route.query.model_fields else set()
    listed |= {"not_found"} if "{" in route.path else set()
    listed |= {"address_not_allowed"} if route.is_for_operators else set()
    listed |= {"forbidden"} if route.permission else set()
    listed |= {"second_factor_missing"} if route.permission not in (None, OWN_ACCOUNT) else set()
    listed |= set(KEYED) | {"invalid_input"} if route.idempotent else set()
    return sorted(listed, key=lambda code: (PROBLEM_KINDS[code].status, code))


def _success(route: RouteSpec, status: int, schemas: Schemas, components: Components) -> dict[str, Any]:
    payload = {"description": STATUS_TEXTS[status]}
    if status == 303:
        headers = _headers(components, Location="Location", Cache_Control="NoStore")
        return components.ref("responses", "SeeOther", {**payload, "headers": headers})
    if route.response is None or route.response is CsvFile:
        header_names = (
            ("Content-Disposition",) if route.response else ("Content-Security-Policy", "X-Content-Type-Options")
        )
        headers = _headers(components, **{name: name for name in header_names}, Cache_Control="NoStore")
        kind = (CSV_TYPE if route.response else HTML_TYPE).partition(";")[0]
        return {**payload, "headers": headers, "content": {kind: {"schema": {"type": "string"}}}}
    replayed = REPLAYED if route.idempotent else {}
    content = {JSON_TYPE: {"schema": _envelope(route, schemas)}}
    of_file = {}
    if route.query is not None and issubclass(route.query, CsvQuery):
        content[CSV_TYPE.partition(";")[0]] = {"schema": {"type": "string"}}
        of_file = {"Content_Disposition": "MayContentDisposition", NEXT_CURSOR: NEXT_CURSOR}
    headers = _headers(components, **_caching(route), **replayed, **of_file)
    response = {**payload, "headers": headers, "content": content}
    model = str(schemas.of(route.response, RESPONSE).get("$ref", "")).rpartition("/")[2]
    name = model or "".join(part.capitalize() for part in route.path.split("/")[-2:])
    return components.shared("responses", f"{name}{status}", response)


def _caching(route: RouteSpec) -> dict[str, str]:
    """The headers about caches, by name."""
    if not route.cached:
        return {"Cache_Control": "NoStore"}
    return {"ETag": "ETag", "Cache_Control": "MayMaxAge" if route.optional_caller else "MaxAge"}


def _envelope(route: RouteSpec, schemas: Schemas) -> dict[str, Any]:
    fields = {"data": schemas.of(route.response, RESPONSE)}
    if route.top_level is not None:
        fields |= schemas.resolved(route.top_level, RESPONSE)["properties"]
    return {"allOf": [{"$ref": REF.format(model="Envelope")}, {"required": [*fields], "properties": fields}]}


def _problem(status: int, components: Components) -> dict[str, Any]:
    of = {"$ref": REF.format(model="Problem")}
    schema = {"allOf": [of, {"required": ["errors"]}]} if status == 422 else of
    headers = _headers(components, Cache_Control="NoStore", **ON_PROBLEM.get(status, {}))
    return {"description": STATUS_TEXTS[status], "headers": headers, "content": {PROBLEM_TYPE: {"schema": schema}}}


def _headers(components: Components, **named: str) -> dict[str, Any]:
    """The headers of a response by name, each a reference to a component. A name may have `_` for `-`."""
    whole = {"X-Request-Id": "X-Request-Id", **named}
    return {
        name.replace("_", "-"): components.ref("headers", component, HEADERS[component])
        for name, component in whole.items()
    }


ENVELOPE = {
    "type": "object",
    "description": "Every success; `data` is always there, and may be null",
    "required": ["success", "message", "data"],
    "properties": {"success": {"const": True}, "message": {"type": "string", "examples": ["OK"]}, "data": {}},
}
PROBLEM = {
    "type": "object",
    "description": "Every error: RFC 9457, and the envelope. The codes are listed in `x-problems`",
    "additionalProperties": False,
    "required": ["success", "message", "error", "type", "title", "status", "detail", "request_id"],
    "properties": {
        "success": {"const": False},
        "message": {"type": "string"},
        "error": {
            "type": "object",
            "additionalProperties": False,
            "required": ["code", "message", "details"],
            "properties": {
                "code": {"type": "string", "pattern": "^[a-z_]+$", "examples": ["invalid_input"]},
                "message": {"type": "string"},
                "details": {"type": "object", "additionalProperties": True},
            },
        },
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
    },
}
