"""Serves the real app behind Chalice's local gateway, with API Gateway's events."""

import base64
import secrets
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import ForbiddenError, LocalChalice, LocalGateway

from chalicelib.domain.problems.problems import DEFAULT_PROBLEMS_URL, Problem
from chalicelib.domain.text.ids import ulid
from chalicelib.edge.context import CLIENT_REQUEST_ID
from infra.api_gateway_responses import PROBLEMS, refusal
from infra.grants import API
from infra.local.addresses import LOOPBACK
from infra.local.aws.iam import running
from infra.local.aws.invocation import TimedOut, run_limited, timeout_seconds
from infra.local.aws.marked_calls import marking_calls
from infra.local.connections import App
from infra.local.serving import Serving

API_SECONDS = timeout_seconds("api_handler")
"""The time-out of the function, which is API Gateway's too."""
MAX_BYTES = 10 * 1024 * 1024
API_PATHS = "/api/"
SOURCE = "x-source-ip"
REQUEST_ID = "x-request-id"
"""The sandbox chooses the id of a request that brings none, to know which calls the request made."""


def api_server(
    app: Chalice,
    port: int,
    watched: Callable[[App], App] = lambda app: app,
    *,
    host: str = LOOPBACK,
    problems_url: str = DEFAULT_PROBLEMS_URL,
) -> Serving:
    """The server of `watched(the API)`, not started yet. Raises OSError for a port in use.

    Makes the app thread-safe permanently.
    """
    app.__class__ = type("ThreadedChalice", (LocalChalice, app.__class__), {})
    gateway = Gateway(app, Config(chalice_stage="local"))
    return Serving(watched(WsgiGateway(gateway, problems_url)), port, host=host)


class Gateway(LocalGateway):
    """Chalice's local gateway, with the event fields that API Gateway adds."""

    MAX_LAMBDA_EXECUTION_TIME = API_SECONDS

    def _generate_lambda_event(
        self, method: str, path: str, headers: dict[str, Any], body: bytes | None
    ) -> dict[str, Any]:
        event: dict[str, Any] = super()._generate_lambda_event(method, path, headers, None)
        resource = event["requestContext"]["resourcePath"]
        repeated = event["multiValueQueryStringParameters"]
        captured = event["pathParameters"].items()
        source = event["headers"].pop(SOURCE)
        event |= {
            "resource": resource,
            "path": path.partition("?")[0],
            # Chalice also passes on variables of routes that did not match in the end
            "pathParameters": {name: value for name, value in captured if f"{{{name}}}" in resource} or None,
            "httpMethod": method,
            "multiValueHeaders": {name: [value] for name, value in event["headers"].items()},
            "queryStringParameters": {name: values[-1] for name, values in (repeated or {}).items()} or None,
            **self._body(event["headers"].get("content-type", ""), body),
        }
        event["requestContext"] |= {
            "requestId": str(uuid.uuid4()),
            "stage": "local",
            "requestTimeEpoch": int(time.time() * 1000),
        }
        event["requestContext"]["identity"] |= {"sourceIp": source}
        return event

    def _body(self, content_type: str, body: bytes | None) -> dict[str, Any]:
        """The body in base64 for the app's binary types, else as text. API Gateway replaces invalid UTF-8."""
        if not body:
            return {"body": None, "isBase64Encoded": False}
        kind = content_type.partition(";")[0].strip().lower()
        binary = self._app_object.api.binary_types
        if kind in binary or "*/*" in binary:
            return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        return {"body": body.decode("utf-8", "replace"), "isBase64Encoded": False}


@dataclass
class Reply:
    """The response as bytes."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class SameOrigin:
    """A WSGI app that passes /api/ on to the API, and every other path to `own`: both have one origin."""

    def __init__(self, own: App, api: App) -> None:
        self._own = own
        self._api = api

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answers = self._api if environ["PATH_INFO"].startswith(API_PATHS) else self._own
        return answers(environ, start_response)


class WsgiGateway:
    """A WSGI app in front of a gateway. Its own errors point into the page at `problems_url`."""

    def __init__(self, gateway: Gateway, problems_url: str = DEFAULT_PROBLEMS_URL) -> None:
        self._gateway, self._problems_url = gateway, problems_url

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        reply = self._problem(Problem("too_large")) if len(body) > MAX_BYTES else self._invoke(environ, body)
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", reply.headers)
        return [reply.body]

    def _invoke(self, environ: dict[str, Any], body: bytes) -> Reply:
        try:
            answer = run_limited("api_handler", API_SECONDS, lambda: self._handle(environ, body))
        except ForbiddenError:
            return self._problem(Problem("not_found"))
        except TimedOut:
            return self._problem(PROBLEMS["INTEGRATION_TIMEOUT"])
        return _reply(answer)

    def _handle(self, environ: dict[str, Any], body: bytes) -> Any:
        headers = _headers(environ)
        if not CLIENT_REQUEST_ID.fullmatch(headers.get(REQUEST_ID, "")):
            headers[REQUEST_ID] = ulid(datetime.now(UTC), secrets.token_bytes(10))
        with running(API), marking_calls(headers[REQUEST_ID]):
            return self._gateway.handle_request(environ["REQUEST_METHOD"], environ["RAW_URI"], headers, body)

    def _problem(self, problem: Problem) -> Reply:
        """The response that API Gateway makes itself, as in the template."""
        request_id = str(uuid.uuid4())
        made = refusal(problem, request_id, self._problems_url)
        return Reply(made.status, [*made.headers.items(), ("X-Request-Id", request_id)], made.body.encode())


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    content = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ["CONTENT_TYPE"]:
        content["content-type"] = environ["CONTENT_TYPE"]
    # set here, so that a client can't set it
    return content | {SOURCE: environ["REMOTE_ADDR"]}


def _reply(answer: dict[str, Any]) -> Reply:
    sent = [(name, str(value)) for name, value in answer["headers"].items()]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        sent += [(name, str(value)) for value in values]
    body = answer.get("body") or ""
    if not any(name.lower() == "content-type" for name, _ in sent):
        sent.append(("Content-Type", "application/json"))
    raw = base64.b64decode(body) if answer.get("isBase64Encoded") else str(body).encode()
    return Reply(int(answer["statusCode"]), sent, raw)
