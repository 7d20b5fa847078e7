"""Rows that DynamoDB leaves out of a batch under load: they are read again after a pause, and not for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.tables.dynamodb import CLIENT, fetch, shared_connection
from chalicelib.tables.rate_limits import CounterRow
from chalicelib.tables.retry_pauses import MAX_TRIES
from chalicelib.tables.rows import Key

KEYS = [Key(CounterRow, name, None, lambda row: row.counted) for name in ("a", "b", "c")]
REQUEST_SECONDS = 29


@contextmanager
def left_out(times: int) -> Iterator[list[int]]:
    """The last row of the next answers is left out. Yields the number of rows of each answer."""
    counts: list[int] = []

    def after_call(parsed: dict[str, Any], **_: Any) -> None:
        (table, rows), *_ = parsed["Responses"].items()
        counts.append(len(rows))
        if len(counts) <= times:
            last = rows.pop()
            parsed["UnprocessedKeys"] = {table: {"Keys": [{"name": last["name"]}], "ConsistentRead": True}}

    events = shared_connection().client.meta.events
    events.register("after-call.dynamodb.BatchGetItem", after_call)
    try:
        yield counts
    finally:
        events.unregister("after-call.dynamodb.BatchGetItem", after_call)


@pytest.fixture
def three_rows(tables: object) -> None:
    for number, key in enumerate(KEYS):
        CounterRow(name=key.hash_key, counted=number, expires=1).save()


def test_rows_that_are_left_out_are_read_again_after_growing_pauses(three_rows: None, pauses: list[float]) -> None:
    with left_out(3) as counts:
        rows = fetch(*KEYS)
    assert [rows[key] for key in KEYS] == [0, 1, 2]
    assert counts == [3, 1, 1, 1]
    assert len(pauses) == 3
    assert pauses[0] < pauses[2]


def test_rows_that_are_always_left_out_are_storage_unavailable(three_rows: None, pauses: list[float]) -> None:
    with left_out(1_000) as counts, pytest.raises(Problem, match="storage_unavailable"):
        fetch(*KEYS)
    assert len(counts) == MAX_TRIES
    assert sum(pauses) < 1.3


def test_no_keys_need_no_call(tables: object) -> None:
    with left_out(0) as counts:
        fetch()
    assert counts == []


def test_the_longest_call_is_shorter_than_a_request() -> None:
    config: Any = CLIENT
    attempts = config.retries["total_max_attempts"]
    longest_pauses = sum(2**retry for retry in range(attempts - 1))
    longest = attempts * (config.connect_timeout + config.read_timeout) + longest_pauses
    assert longest <= REQUEST_SECONDS - 10
