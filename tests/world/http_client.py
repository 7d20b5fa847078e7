"""Calls the app as API Gateway does: a proxy event in; status, headers and body out."""

import base64
import json
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chalice.app import Chalice

from infra.grants import API
from infra.local.aws.iam import running
from tests.scenarios.contract import must_be_documented

CLIENT_ADDRESS = "192.0.2.7"
REMEMBERED = 5_000


@dataclass
class Reply:
    """The app's response."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def code(self) -> str:
        return str(self.body["error"]["code"])


def request(
    app: Chalice,
    method: str,
    url: str,
    body: Any = None,
    *,
    token: str | None = None,
    headers: dict[str, str] | None = None,
    raw: bytes | None = None,
    checked: bool = True,
    address: str = CLIENT_ADDRESS,
) -> Reply:
    """Send a request. `body` is sent as JSON, unless `raw` bytes are given with a content type in `headers`.

    The response must be documented, unless `checked` is False. `address` is the client's network address.
    """
    sent = {name.lower(): value for name, value in (headers or {}).items()}
    if token:
        sent["authorization"] = f"Bearer {token}"
    if body is not None and raw is None:
        raw = json.dumps(body).encode()
        sent.setdefault("content-type", "application/json")
    event = event_of(app, method, url, sent, raw, address)
    with running(API):
        answer = app(event, None)
    if checked and app.app_name == "bijuli" and method != "OPTIONS":
        must_be_documented(app, method, event["requestContext"]["resourcePath"], answer)
    return Reply(answer["statusCode"], answer["headers"], answer["body"])


def event_of(
    app: Chalice, method: str, url: str, headers: dict[str, str], raw: bytes | None, address: str = CLIENT_ADDRESS
) -> dict[str, Any]:
    """The event of a request; `headers` are in lower case. Raises LookupError for an unknown path."""
    split = urlsplit(url)
    resource, parts = route_of(app, method, split.path)
    return {
        "path": split.path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "pathParameters": parts,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": parse_qs(split.query, keep_blank_values=True) or None,
        "requestContext": {
            "httpMethod": method,
            "resourcePath": resource,
            "path": split.path,
            "requestId": "from-the-gateway",
            "identity": {"sourceIp": address},
        },
        "stageVariables": None,
        "body": base64.b64encode(raw).decode() if raw is not None else None,
        "isBase64Encoded": raw is not None,
    }


@lru_cache(maxsize=REMEMBERED)
def route_of(app: Chalice, method: str, path: str) -> tuple[str, dict[str, str]]:
    """The route a path belongs to, as API Gateway picks it: literal segments before variables."""
    route_parts = path.split("/")
    matches: list[tuple[int, str, dict[str, str]]] = []
    for names in _routes(app, method, len(route_parts)):
        parts = {
            name[1:-1]: part for name, part in zip(names, route_parts, strict=True) if name.startswith("{") and part
        }
        if all(name == part or name[1:-1] in parts for name, part in zip(names, route_parts, strict=True)):
            matches.append((len(parts), "/".join(names), parts))
    if not matches:
        raise LookupError(f"no route for {method} {path}")
    _, route, parts = min(matches, key=lambda match: match[0])
    return route, parts


@cache
def _routes(app: Chalice, method: str, length: int) -> list[list[str]]:
    """The segments of each route of this method with this number of segments."""
    split = [route.split("/") for route, methods in app.routes.items() if method in methods]
    return [names for names in split if len(names) == length]
