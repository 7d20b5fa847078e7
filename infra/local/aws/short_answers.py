"""Answers of DynamoDB that hold less than was asked for, as it may give at any time. A caller asks for the rest."""

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from chalicelib.tables.all_tables import ROW_TYPES
from infra.local.aws.iam import current_function
from infra.local.aws.table_client import Listener, TableClientListeners

SERVICE = "dynamodb"
QUERIES = ("Query", "Scan")
BATCH_READ, BATCH_WRITE = "BatchGetItem", "BatchWriteItem"
FROM_START = {"S": "before the first row"}
"""The hash key after an empty first page. DynamoDB's own keys name a row; a caller passes any of them back."""
START, LEFT_OUT, REQUEST = "start_of_query", "left_out_of_write", "request_items"


@dataclass(frozen=True)
class ShortEach:
    """N: every Nth call is answered with less. 0: none. 1 would make a query endless."""

    empty_page: int = 0
    """Queries and scans that find an empty page, and the key where the next page begins."""
    short_page: int = 0
    """Queries and scans whose page has one row."""
    unprocessed: int = 0
    """Batch reads that leave out a row."""
    unwritten: int = 0
    """Batch writes that leave out a row."""


class ShortAnswers:
    """Makes answers short at the service's own client, whichever engine holds the tables.

    With `functions_only` only calls of the service's functions get them, and no call of the sandbox itself.
    """

    def __init__(self, each: ShortEach, *, functions_only: bool = False) -> None:
        self._each = each
        self._functions_only = functions_only
        self.counts: Counter[str] = Counter()
        """How many calls of each kind there were."""
        self._lock = threading.Lock()
        self._client_listeners = TableClientListeners(self._listeners())

    def start(self) -> None:
        """Listen to the client of the tables. Raises LookupError before the tables are connected."""
        self._client_listeners.start()

    def stop(self) -> None:
        self._client_listeners.stop()

    def _listeners(self) -> list[Listener]:
        return [
            *((f"before-parameter-build.{SERVICE}.{operation}", self._shorten) for operation in QUERIES),
            *((f"before-call.{SERVICE}.{operation}", self._empty) for operation in QUERIES),
            (f"before-parameter-build.{SERVICE}.{BATCH_READ}", _note_request),
            (f"after-call.{SERVICE}.{BATCH_READ}", self._leave_out),
            (f"before-parameter-build.{SERVICE}.{BATCH_WRITE}", self._hold_back),
            (f"after-call.{SERVICE}.{BATCH_WRITE}", _report_unwritten),
        ]

    def _shorten(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        start = params.get("ExclusiveStartKey")
        context[START] = start or {_hash_key_of(params["TableName"]): FROM_START}
        if start and FROM_START in start.values():
            del params["ExclusiveStartKey"]
            context[START] = None
        if self._is_turn("short_page"):
            params["Limit"] = 1

    def _empty(self, context: dict[str, Any], **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        """An empty page, but never two in a row at the beginning of a query."""
        if context[START] is None or not self._is_turn("empty_page"):
            return None
        page = {"Items": [], "Count": 0, "ScannedCount": 0, "LastEvaluatedKey": context[START]}
        return AWSResponse(SERVICE, HTTPStatus.OK, HTTPHeaders(), None), {**page, "ResponseMetadata": {}}

    def _leave_out(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if self._is_turn("unprocessed"):
            leave_out_last_row(parsed, context[REQUEST])

    def _hold_back(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        """Take the last row out of a batch write of several."""
        rows = [(table, row) for table, part in params["RequestItems"].items() for row in part]
        if len(rows) < 2 or not self._is_turn("unwritten"):
            return
        table, row = rows[-1]
        rest = {name: [*part] for name, part in params["RequestItems"].items()}
        rest[table].pop()
        params["RequestItems"] = {name: part for name, part in rest.items() if part}
        context[LEFT_OUT] = {table: [row]}

    def _is_turn(self, kind: str) -> bool:
        each: int = getattr(self._each, kind)
        if not each or (self._functions_only and current_function() is None):
            return False
        with self._lock:
            self.counts[kind] += 1
            return self.counts[kind] % each == 0


def _hash_key_of(table: str) -> str:
    """The name of a table's hash key. Raises StopIteration for a table that is not ours."""
    return next(str(model._hash_keyname) for model in ROW_TYPES if model.Meta.table_name == table)


def leave_out_last_row(parsed: dict[str, Any], request: Mapping[str, Any]) -> None:
    """Move the last key of a batch read from its answered rows to its unprocessed keys."""
    table, wanted = list(request.items())[-1]
    *_, key = wanted["Keys"]
    rows = parsed["Responses"].get(table, [])
    parsed["Responses"][table] = [row for row in rows if not key.items() <= row.items()]
    parsed["UnprocessedKeys"] = {table: {**wanted, "Keys": [key]}}


def _note_request(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
    context[REQUEST] = params["RequestItems"]


def _report_unwritten(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    if LEFT_OUT in context:
        parsed["UnprocessedItems"] = context[LEFT_OUT]
