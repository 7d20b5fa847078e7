"""Calls a DynamoDB engine at a URL in plain JSON, with a minimal HTTP client."""

import base64
import json
from typing import Any

from infra.local.aws.engine_connections import EngineConnections
from tests.world.direct_client import ERRORS, Answer, http_response

HEADERS = (
    "POST / HTTP/1.1\r\n"
    "Host: {address}\r\n"
    "Content-Type: application/x-amz-json-1.0\r\n"
    "X-Amz-Target: {target}\r\n"
    "X-Amz-Date: 20300101T000000Z\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=test/20300101/ap-south-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=none\r\n"
    "Content-Length: {length}\r\n\r\n"
)
"""Engines on this machine need a signature, and do not check it."""


class JsonEngine:
    """Calls the engine over connections that stay open; for any number of threads.

    A call takes a tenth of the time of botocore's call, so that callers compete at the engine and not in this
    process.
    """

    def __init__(self, url: str) -> None:
        self._connections = EngineConnections(url)

    def __call__(self, model: Any, params: dict[str, Any]) -> Answer:
        content = json.dumps(params, default=_base64_text).encode()
        target = f"{model.service_model.metadata['targetPrefix']}.{model.name}"
        headers = HEADERS.format(address=self._connections.address, target=target, length=len(content))
        answer = self._connections.send(headers.encode() + content)
        return _parsed(answer.status, json.loads(answer.content, object_hook=_with_bytes))

    def close(self) -> None:
        """Closes the idle connections. A call that is running keeps its connection open."""
        self._connections.close()


def _base64_text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _with_bytes(content: dict[str, Any]) -> dict[str, Any]:
    """A binary attribute as botocore gives it: `{"B": bytes}`."""
    return {"B": base64.b64decode(content["B"])} if isinstance(content.get("B"), str) else content


def _parsed(status: int, content: dict[str, Any]) -> Answer:
    """The answer as botocore gives it: an error's code and message under `Error`."""
    if status < ERRORS:
        return http_response(status), content
    code = content.pop("__type", "InternalServerError").rpartition("#")[2]
    message = content.pop("message", None) or content.pop("Message", "")
    return http_response(status), {"Error": {"Code": code, "Message": message}, **content}
