"""Makes botocore clients whose calls go directly to a function: no request is serialised, signed or retried.

botocore's events are emitted as ever, so that calls can be counted and failed. Serialiser, signature and retries are
exercised by the sandbox's tests, whose services use botocore whole.
"""

from collections.abc import Callable
from typing import Any, cast

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.session import Session

ERRORS = 300
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
