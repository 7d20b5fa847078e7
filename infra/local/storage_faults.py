"""Makes calls of the sandbox's DynamoDB fail on demand, whichever engine holds the tables."""

import threading
from http import HTTPStatus
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from chalicelib.tables.dynamodb import shared_connection
from infra.local.simulation import Simulation

SERVICE = "dynamodb"
TRANSACTION = "TransactWriteItems"
PLAIN_WRITES = ("PutItem", "UpdateItem", "DeleteItem")
CONFLICT = "TransactionConflict"
"""The code of a fault: a write meets a running transaction on its row, which no local engine reports."""


class StorageFaults:
    """The fault of the service `dynamodb`, at the service's own client.

    With `status` the next transactions are refused without effect: 5xx as an internal error, 4xx as throttling. With
    `timeout` they take effect, and their answers are lost. With the `code` CONFLICT the next writes are refused, or
    only those of the operation `path`. With `receiver` a fault concerns only writes whose rows hold that text.

    `conflict_each` refuses each so many-th write with CONFLICT, all the time; 0 refuses none.
    """

    def __init__(self, simulation: Simulation, conflict_each: int = 0) -> None:
        self._simulation = simulation
        self._conflict_each = conflict_each
        self._writes_count = 0
        self._lock = threading.Lock()
        self._events: Any = None

    def start(self) -> None:
        """Listen to the client of the tables. Raises LookupError before the tables are connected."""
        self._events = shared_connection().client.meta.events
        for operation in (TRANSACTION, *PLAIN_WRITES):
            self._events.register(f"before-call.{SERVICE}.{operation}", self._refuse)
        self._events.register(f"after-call.{SERVICE}.{TRANSACTION}", self._lose_answer)

    def stop(self) -> None:
        if self._events is not None:
            for operation in (TRANSACTION, *PLAIN_WRITES):
                self._events.unregister(f"before-call.{SERVICE}.{operation}", self._refuse)
            self._events.unregister(f"after-call.{SERVICE}.{TRANSACTION}", self._lose_answer)

    def _refuse(self, model: Any, params: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        operation = str(model.name)
        if self._is_turn_of_conflict():
            return _conflict(operation)
        waiting = self._simulation.faults.get(SERVICE)
        if waiting is None or not (waiting.code or (waiting.status and operation == TRANSACTION)):
            return None
        fault = self._simulation.fault(SERVICE, path=operation, body=str(params))
        if fault is None:
            return None
        if fault.code == CONFLICT:
            return _conflict(operation)
        status = fault.status or HTTPStatus.BAD_REQUEST
        is_internal = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        code = fault.code or ("InternalServerError" if is_internal else "ThrottlingException")
        return _refusal(status, {"Error": {"Code": code, "Message": "on demand"}})

    def _is_turn_of_conflict(self) -> bool:
        if not self._conflict_each:
            return False
        with self._lock:
            self._writes_count += 1
            return self._writes_count % self._conflict_each == 0

    def _lose_answer(self, **_: Any) -> None:
        waiting = self._simulation.faults.get(SERVICE)
        if waiting is not None and waiting.timeout is not None and self._simulation.fault(SERVICE) is not None:
            raise ReadTimeoutError(endpoint_url=SERVICE)


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
