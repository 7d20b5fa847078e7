"""Makes calls of the sandbox's DynamoDB fail on demand, whichever engine holds the tables."""

import json
import random
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from chalicelib.tables.dynamodb import TRIES_OF_A_CALL
from infra.local.aws.engine_transport import Streamed
from infra.local.aws.iam import current_function
from infra.local.aws.short_answers import ShortAnswers, ShortEach, leave_out_last_row
from infra.local.aws.table_client import Listener, TableClientListeners
from infra.local.simulation import Simulation

SERVICE = "dynamodb"
TRANSACTION = "TransactWriteItems"
PLAIN_WRITES = ("PutItem", "UpdateItem", "DeleteItem")
WRITES = (TRANSACTION, *PLAIN_WRITES)
BATCH_READ, BATCH_WRITE = "BatchGetItem", "BatchWriteItem"
READS = (BATCH_READ, "GetItem", "Query")
CONFLICT = "TransactionConflict"
"""The code of a fault: a write meets a running transaction on its row, which no local engine reports."""


UNPROCESSED = "UnprocessedKeys"
"""The code of a fault: a batch read leaves out a row."""
THROTTLED = "ThrottlingException"
ON_DEMAND = "on demand"
REQUEST = "request_items"


@dataclass(frozen=True)
class FaultsEach:
    """N: every Nth call fails, all the time. 0: none."""

    conflict: int = 0
    """Writes that meet a transaction."""
    throttle: int = 0
    """Attempts of any call that are throttled. botocore repeats them."""
    unprocessed: int = 0
    """Batch reads that leave out a row."""
    short: int = 0
    """Queries that give an empty page or a page of one row first, and batch writes that leave out a row."""


class StorageFaults:
    """The fault of the service `dynamodb`, at the service's own client.

    With `status` the next transactions are refused without effect: 5xx as an internal error, 4xx as throttling. With
    `timeout` they take effect, and their answers are lost. With the `code` CONFLICT the next writes are refused, with
    any other code the next reads and batch writes too, or only those of the operation `path`. With the code
    UNPROCESSED the next batch reads leave out their last row. With `receiver` a fault concerns
    only calls whose content holds that text.

    `each` does the same all the time: 0 is never, n is each n-th call that it concerns. With `functions_only` all of
    this concerns calls of functions, and not what the sandbox reads and writes itself.
    """

    def __init__(
        self, simulation: Simulation, each: FaultsEach | None = None, *, functions_only: bool = False
    ) -> None:
        self._simulation = simulation
        self._each = each or FaultsEach()
        self._functions_only = functions_only
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._short_answers = ShortAnswers(
            ShortEach(empty_page=self._each.short, short_page=self._each.short, unwritten=self._each.short),
            functions_only=functions_only,
        )
        self._client_listeners = TableClientListeners(self._listeners())

    def start(self) -> None:
        """Listen to the client of the tables. Raises LookupError before the tables are connected."""
        self._short_answers.start()
        self._client_listeners.start()

    def stop(self) -> None:
        self._short_answers.stop()
        self._client_listeners.stop()

    def _listeners(self) -> list[Listener]:
        return [
            *((f"before-call.{SERVICE}.{operation}", self._refuse) for operation in (*WRITES, *READS, BATCH_WRITE)),
            (f"before-send.{SERVICE}", self._throttle),
            # a more special name than that of botocore's own listener, so that this one is asked first
            (f"needs-retry.{SERVICE}.*", self._pause_seconds),
            (f"after-call.{SERVICE}.{TRANSACTION}", self._lose_answer),
            (f"before-parameter-build.{SERVICE}.{BATCH_READ}", _note_request),
            (f"after-call.{SERVICE}.{BATCH_READ}", self._leave_out),
        ]

    def _refuse(self, model: Any, params: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        operation = str(model.name)
        if self._is_own_call():
            return None
        if operation in WRITES and self._is_turn(CONFLICT, self._each.conflict):
            return _conflict(operation)
        waiting = self._simulation.faults.get(SERVICE)
        if waiting is None or not (waiting.code or (waiting.status and operation == TRANSACTION)):
            return None
        if waiting.code == UNPROCESSED or (waiting.code == CONFLICT and operation not in WRITES):
            return None
        fault = self._simulation.fault(SERVICE, path=operation, body=str(params))
        if fault is None:
            return None
        if fault.code == CONFLICT:
            return _conflict(operation)
        status = fault.status or HTTPStatus.BAD_REQUEST
        is_internal = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        code = fault.code or ("InternalServerError" if is_internal else THROTTLED)
        return _refusal(status, {"Error": {"Code": code, "Message": ON_DEMAND}})

    def _throttle(self, request: Any, **_: Any) -> AWSResponse | None:
        """Each attempt counts: botocore pauses and repeats a throttled call."""
        if self._is_own_call() or not self._is_turn(THROTTLED, self._each.throttle):
            return None
        content = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{THROTTLED}", "message": ON_DEMAND})
        return AWSResponse(request.url, HTTPStatus.BAD_REQUEST, HTTPHeaders(), Streamed(content.encode()))

    def _pause_seconds(self, response: Any, attempts: int, **_: Any) -> float | None:
        """The pause after an attempt that was throttled here: botocore's, at the sandbox's pace.

        None for any other attempt: botocore's own listener is asked next.
        """
        error = response[1].get("Error", {}) if response else {}
        if (error.get("Code"), error.get("Message")) != (THROTTLED, ON_DEMAND) or attempts >= TRIES_OF_A_CALL:
            return None
        return random.random() * float(2 ** (attempts - 1)) * self._simulation.pace

    def _leave_out(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        """Leave out the last row of a batch read, as DynamoDB does under load."""
        if self._is_own_call():
            return
        waiting = self._simulation.faults.get(SERVICE)
        ordered = waiting is not None and waiting.code == UNPROCESSED
        if (ordered and self._simulation.fault(SERVICE, path=BATCH_READ)) or self._is_turn(
            UNPROCESSED, self._each.unprocessed
        ):
            leave_out_last_row(parsed, context[REQUEST])

    def _is_turn(self, kind: str, each: int) -> bool:
        if not each:
            return False
        with self._lock:
            self._counts[kind] += 1
            return self._counts[kind] % each == 0

    def _is_own_call(self) -> bool:
        """The sandbox itself makes this call, and its own calls never fail."""
        return self._functions_only and current_function() is None

    def _lose_answer(self, **_: Any) -> None:
        if self._is_own_call():
            return
        waiting = self._simulation.faults.get(SERVICE)
        if waiting is not None and waiting.timeout is not None and self._simulation.fault(SERVICE) is not None:
            raise ReadTimeoutError(endpoint_url=SERVICE)


def _note_request(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[REQUEST] = params["RequestItems"]


def _conflict(operation: str) -> tuple[AWSResponse, dict[str, Any]]:
    """DynamoDB's answer to a write that met a running transaction."""
    message = "Transaction is ongoing for the item"
    if operation != TRANSACTION:
        return _refusal(400, {"Error": {"Code": f"{CONFLICT}Exception", "Message": message}})
    # The first write conflicts. DynamoDB names a reason for each further write too, which is "None" here.
    reasons = [{"Code": CONFLICT, "Message": message}]
    error = {"Code": "TransactionCanceledException", "Message": message}
    return _refusal(400, {"Error": error, "CancellationReasons": reasons})


def _refusal(status: int, content: dict[str, Any]) -> tuple[AWSResponse, dict[str, Any]]:
    return AWSResponse(SERVICE, status, HTTPHeaders(), None), {**content, "ResponseMetadata": {}}
