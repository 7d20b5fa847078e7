"""The path, query and header parameters of an operation."""

from typing import Any

from chalicelib.edge.context import RouteSpec
from infra.openapi.components import Components
from infra.openapi.schemas import REQUEST, Schemas, without_null

ID = "01M83FTTQ80000000000000008"
PATH = {
    "achievement_id": ("The id of an achievement", "first-rental"),
    "addition_id": ("The id of an addition to a wallet", f"{ID}-{ID}"),
    "banner_id": ("The id of a banner", "0b1f4a6c9d2e3f405162"),
    "code": ("The code of a coupon", "DASHAIN50"),
    "day": ("The day in Kathmandu, YYYY-MM-DD", "2026-11-23"),
    "entry_id": ("The id of a frequently asked question", "0b1f4a6c9d2e3f405162"),
    "intent_id": ("The id of a top-up", ID),
    "method_id": ("The id of a payment method", "khalti"),
    "issue_id": ("The id of a report", ID),
    "notification_id": ("The id of a notification", ID),
    "package_id": ("The id of a rental package", "1-hour"),
    "powerbank_sn": ("The serial number of a power bank", "40818052"),
    "queue": ("The name of a queue", "bijuli-push"),
    "refund_id": ("The id of a refund", ID),
    "rental_id": ("The id of a rental", ID),
    "return_id": ("The id of an unreadable return", "1795413600-40000444-8"),
    "slug": ("The name of a page", "terms-of-service"),
    "sn": ("The serial number of a station, as its QR code has it", "40000444"),
    "transaction_id": ("The id of a transaction", f"{ID}-3"),
    "user_id": ("The id of a user; for the decision on a KYC submission also the id of the submission", ID),
}
MAX_PART = 128
EVERYWHERE = (
    {
        "name": "Accept-Language",
        "in": "header",
        "description": "`ne` for texts in Nepali. Without it: the language of the user's profile, else English",
        "schema": {"type": "string", "examples": ["ne"]},
    },
    {
        "name": "X-Request-Id",
        "in": "header",
        "description": "An id of the caller's for this request: 8 to 64 of A-Z, a-z, 0-9, `.`, `_` and `-`. "
        "Any other value is replaced by an id of ours",
        "schema": {"type": "string"},
    },
)
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Makes a retry safe for 7 days: the same key and body give the same response again. "
    "Printable ASCII; an empty key counts as none",
    "schema": {"type": "string", "maxLength": 255, "pattern": "^[ -~]*$"},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "ETags that the caller has: 304 when one of them is the newest",
    "schema": {"type": "string"},
}


def of_path(path: str, components: Components) -> list[dict[str, Any]]:
    """Parameters of every method of a path."""
    parts = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return [
        *(components.ref("parameters", name, _part(name)) for name in parts),
        *(components.ref("parameters", str(item["name"]), item) for item in EVERYWHERE),
    ]


def _part(name: str) -> dict[str, Any]:
    description, example = PATH[name]
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_PART, "examples": [example]}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def of_operation(route: RouteSpec, schemas: Schemas, components: Components) -> list[dict[str, Any]]:
    """Parameters of one operation."""
    parameters = [components.shared("parameters", item["name"], item) for item in _query(route, schemas)]
    if route.idempotent:
        parameters.append(components.ref("parameters", "Idempotency-Key", IDEMPOTENCY_KEY))
    if route.cached:
        parameters.append(components.ref("parameters", "If-None-Match", IF_NONE_MATCH))
    if route.signature:
        schema = {"type": "string"}
        signature = {"name": route.signature, "in": "header", "required": True, "schema": schema}
        parameters.append({**signature, "description": "The gateway's signature of the body"})
    return parameters


def _query(route: RouteSpec, schemas: Schemas) -> list[dict[str, Any]]:
    model = route.query or (route.callback if route.method == "GET" else None)
    if model is None:
        return []
    whole = schemas.resolved(model, REQUEST)
    return [_query_parameter(name, of, name in whole.get("required", ())) for name, of in whole["properties"].items()]


def _query_parameter(name: str, of: dict[str, Any], required: bool) -> dict[str, Any]:
    schema = dict(without_null(of))
    description = {"description": schema.pop("description")} if "description" in schema else {}
    return {"name": name, "in": "query", **({"required": True} if required else {}), **description, "schema": schema}
