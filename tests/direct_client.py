"""botocore clients whose calls go straight to a function: no request is serialised, signed or retried.

botocore's events are emitted as ever, so that calls can be counted and failed. Serialiser, signature and retries
are exercised by the sandbox's tests, whose services use botocore whole.
"""

import json
from collections import deque
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any, cast
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.session import Session

ERRORS = 300
WAIT_SECONDS = 30
SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=test/20300101/ap-south-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=none"
)
"""Engines on this machine want one, and do not check it."""
Answer = tuple[AWSResponse, dict[str, Any]]
Handle = Callable[[Any, dict[str, Any]], Answer]
"""Takes botocore's model of the operation and its parameters."""


def call_directly(session: Session, handle: Handle) -> None:
    """Makes every DynamoDB client that the session creates from now on call `handle`."""

    def make_api_call(client: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        return _call(client, operation, params, handle)

    def replace(class_attributes: dict[str, Any], **_: Any) -> None:
        class_attributes["_make_api_call"] = make_api_call

    session.get_component("event_emitter").register("creating-client-class.dynamodb", replace)


def http_response(status: int) -> AWSResponse:
    return AWSResponse("dynamodb", status, HTTPHeaders(), None)


def _call(client: Any, operation: str, params: dict[str, Any], handle: Handle) -> dict[str, Any]:
    """One call as botocore makes it, its events around it. Raises the client's own exceptions."""
    model, events = client.meta.service_model.operation_model(operation), client.meta.events
    name, context = f"dynamodb.{operation}", {"client_config": client.meta.config}
    events.emit(f"before-parameter-build.{name}", params=params, model=model, context=context)
    answer = events.emit_until_response(f"before-call.{name}", model=model, params=params, context=context)[1]
    http, parsed = answer or handle(model, params)
    events.emit(f"after-call.{name}", http_response=http, parsed=parsed, model=model, context=context)
    if http.status_code >= ERRORS:
        raise client.exceptions.from_code(parsed["Error"]["Code"])(parsed, operation)
    return cast("dict[str, Any]", parsed)


class JsonEngine:
    """A DynamoDB engine at a URL, spoken to in plain JSON over connections that stay open; for any number of threads.

    A call costs a tenth of what botocore's costs, so that callers meet each other at the engine and not in here.
    """

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        self._idle: deque[HTTPConnection] = deque()

    def __call__(self, model: Any, params: dict[str, Any]) -> Answer:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = HTTPConnection(self._address, timeout=WAIT_SECONDS)
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"{model.service_model.metadata['targetPrefix']}.{model.name}",
            "X-Amz-Date": "20300101T000000Z",
            "Authorization": SIGNATURE,
        }
        connection.request("POST", "/", json.dumps(params).encode(), headers)
        response = connection.getresponse()
        content = json.loads(response.read())
        self._idle.append(connection)
        if response.status < ERRORS:
            return http_response(response.status), content
        code = content.pop("__type", "InternalServerError").rpartition("#")[2]
        message = content.pop("message", None) or content.pop("Message", "")
        return http_response(response.status), {"Error": {"Code": code, "Message": message}, **content}

    def close(self) -> None:
        """Closes the connections that nobody uses at the moment."""
        while self._idle:
            self._idle.pop().close()
