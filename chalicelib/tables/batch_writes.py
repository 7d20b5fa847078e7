"""Puts many rows in few calls, without conditions."""

from collections.abc import Sequence
from typing import Any

from chalicelib.tables.dynamodb import shared_connection, storage
from chalicelib.tables.retry_pauses import each_try
from chalicelib.tables.rows import Row

MAX_ROWS_PER_CALL = 25


def put_all(rows: Sequence[Row]) -> None:
    """Put the rows, 25 in each call. Rows that DynamoDB leaves out under load are put again.

    Raises Problem("storage_unavailable"), also when rows are left out MAX_TRIES times. Some rows may be put then.
    """
    for start in range(0, len(rows), MAX_ROWS_PER_CALL):
        request: dict[str, Any] = {}
        for row in rows[start : start + MAX_ROWS_PER_CALL]:
            meta: Any = type(row).Meta
            request.setdefault(meta.table_name, []).append({"PutRequest": {"Item": row.serialize()}})
        _put(request)


def _put(request: dict[str, Any]) -> None:
    tries = each_try()
    while request:
        next(tries)
        with storage():
            answer = shared_connection().dispatch("BatchWriteItem", {"RequestItems": request})
        request = answer.get("UnprocessedItems") or {}
