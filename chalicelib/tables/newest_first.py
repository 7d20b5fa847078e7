"""Rows, the newest first: of one hash key, or of a whole table. A page takes one query, or one for each shard."""

from typing import Any

from pynamodb.expressions.condition import Condition

from chalicelib.tables.dynamodb import storage
from chalicelib.tables.rows import SHARDS

OLDEST, LATEST = "0", "~"
"""Below and above every position."""


def newest_rows(source: Any, hash_key: str, within: Condition | None = None, *, limit: int) -> list[Any]:
    """At most `limit` rows of a hash key, read strongly consistent from `source`, a table or a local index.

    The range key sorts by time, and `within` bounds it. Raises Problem("storage_unavailable").
    """
    with storage():
        return list(
            source.query(
                hash_key, within, consistent_read=True, scan_index_forward=False, limit=limit, page_size=limit
            )
        )


def newest_positions(index: Any, position: Any, *, after: str, before: str, limit: int) -> list[Any]:
    """The index rows with a position between the two, both included, the newest first: at most `limit`.

    `position` is the text attribute by which the index sorts. It sorts by time.
    Raises Problem("storage_unavailable").
    """
    between: Condition = position.between(after, before)
    with storage():
        rows = [
            row
            for shard in range(SHARDS)
            for row in index.query(str(shard), between, scan_index_forward=False, limit=limit, page_size=limit)
        ]
    return sorted(rows, key=lambda row: str(getattr(row, position.attr_name)), reverse=True)[:limit]
