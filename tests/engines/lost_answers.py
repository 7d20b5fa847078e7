"""Writes to DynamoDB that take effect while their answers are lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.tables.dynamodb import shared_connection

CONDITION = "ConditionExpression"
PLAIN_WRITES = ("PutItem", "UpdateItem", "DeleteItem")
RETRIED: Any = {"HTTPStatusCode": 400, "RetryAttempts": 1}


@contextmanager
def lost_answers() -> Iterator[None]:
    """Inside the block no transaction that writes gets an answer, and every conditional write is sent twice.

    A transaction that only deletes leaves no row that proves it: it gets its answer.
    botocore sends a plain write again whose answer was lost. The condition of the second send fails.
    """
    events = shared_connection().client.meta.events

    def note(params: Any, context: dict[str, Any], **_: Any) -> None:
        context["is_conditional"] = CONDITION in params
        context["leaves_proof"] = any({"Put", "Update"} & item.keys() for item in params.get("TransactItems", ()))

    def lose(model: Any, http_response: Any, context: dict[str, Any], **_: Any) -> None:
        if http_response.status_code != 200:
            return
        if model.name == "TransactWriteItems" and context["leaves_proof"]:
            raise ReadTimeoutError(endpoint_url="dynamodb")
        if model.name in PLAIN_WRITES and context["is_conditional"]:
            error: Any = {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}
            raise ClientError({"Error": error, "ResponseMetadata": RETRIED}, model.name)

    events.register("before-parameter-build.dynamodb", note)
    events.register("after-call.dynamodb", lose)
    try:
        yield
    finally:
        events.unregister("before-parameter-build.dynamodb", note)
        events.unregister("after-call.dynamodb", lose)
