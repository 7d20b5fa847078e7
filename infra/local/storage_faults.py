"""Makes transactions of the sandbox's DynamoDB fail on demand, whichever engine holds the tables."""

from http import HTTPStatus
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

from chalicelib.tables.dynamodb import shared_connection
from infra.local.simulation import Simulation

SERVICE = "dynamodb"
OPERATION = "dynamodb.TransactWriteItems"


class StorageFaults:
    """The fault of the service `dynamodb`, at the service's own client.

    With `status` the next transactions are refused without effect: 5xx as an internal error, 4xx as throttling. With
    `timeout` they take effect, and their answers are lost.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._events: Any = None

    def start(self) -> None:
        """Listen to the client of the tables. Raises LookupError before the tables are connected."""
        self._events = shared_connection().client.meta.events
        self._events.register(f"before-call.{OPERATION}", self._refuse)
        self._events.register(f"after-call.{OPERATION}", self._lose_answer)

    def stop(self) -> None:
        if self._events is not None:
            self._events.unregister(f"before-call.{OPERATION}", self._refuse)
            self._events.unregister(f"after-call.{OPERATION}", self._lose_answer)

    def _refuse(self, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        waiting = self._simulation.faults.get(SERVICE)
        if waiting is None or waiting.status is None:
            return None
        fault = self._simulation.fault(SERVICE)
        if fault is None or fault.status is None:
            return None
        is_internal = fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        code = "InternalServerError" if is_internal else "ThrottlingException"
        parsed = {"Error": {"Code": code, "Message": "on demand"}, "ResponseMetadata": {}}
        return AWSResponse(SERVICE, fault.status, HTTPHeaders(), None), parsed

    def _lose_answer(self, **_: Any) -> None:
        waiting = self._simulation.faults.get(SERVICE)
        if waiting is not None and waiting.timeout is not None and self._simulation.fault(SERVICE) is not None:
            raise ReadTimeoutError(endpoint_url=SERVICE)
