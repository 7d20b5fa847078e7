"""Plain writes that meet a running transaction on their row: each is repeated until the transaction has ended."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.domain.problems.problems import Problem
from chalicelib.tables import provider_backoff
from chalicelib.tables.all_tables import ROW_TYPES
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.conditional_writes import delete_if, put_if, update_if
from chalicelib.tables.dynamodb import delete_all, shared_connection
from chalicelib.tables.rate_limits import CounterRow
from chalicelib.tables.retry_pauses import MAX_PAUSE_SECONDS, MAX_TRIES
from chalicelib.tables.rows import Row
from chalicelib.world import World
from infra.local.aws.storage_faults import FaultsEach, StorageFaults
from infra.local.simulation import Simulation
from tests.engines.storage_conflicts import conflicts


def counter(name: str = "c") -> CounterRow:
    return CounterRow(name=name, counted=1, expires=1)


WRITES: dict[str, Callable[[], object]] = {
    "put": lambda: put_if(counter("new"), CounterRow.name.does_not_exist()),
    "update": lambda: update_if(counter(), [CounterRow.counted.add(1)], CounterRow.counted == 1),
    "delete": lambda: delete_if(counter(), CounterRow.name.exists()),
    "unconditional put": lambda: counter("new").save(),
    "unconditional delete": lambda: counter().delete(),
    "deletion of many": lambda: delete_all([counter()]),
    "provider": lambda: provider_backoff.set_backoff("fcm", datetime(2026, 11, 29, tzinfo=UTC)),
}


@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_meets_a_transaction_is_repeated(
    name: str, storage_faults: Simulation, pauses: list[float]
) -> None:
    counter().save()
    conflicts(storage_faults, 3)
    assert WRITES[name]() is not False
    assert storage_faults.faults["dynamodb"].times == 0
    assert len(pauses) == 3
    counts = {str(row.name): row.counted for row in CounterRow.scan()}
    assert (
        counts
        == {
            "put": {"c": 1, "new": 1},
            "update": {"c": 2},
            "delete": {},
            "unconditional put": {"c": 1, "new": 1},
            "unconditional delete": {},
            "deletion of many": {},
            "provider": {"c": 1},
        }[name]
    )


def test_pauses_grow_and_differ(storage_faults: Simulation, pauses: list[float]) -> None:
    for _ in range(20):
        conflicts(storage_faults, MAX_TRIES - 1)
        counter().save()
    by_try = [pauses[number :: MAX_TRIES - 1] for number in range(MAX_TRIES - 1)]
    assert all(len(set(same_try)) > 10 for same_try in by_try)
    assert max(by_try[0]) < min(by_try[2]) < max(pauses) <= MAX_PAUSE_SECONDS
    assert sum(pauses) / 20 < 1.3


def test_a_conflict_that_stays_is_storage_unavailable(storage_faults: Simulation, pauses: list[float]) -> None:
    conflicts(storage_faults, 1_000)
    with pytest.raises(Problem, match="storage_unavailable"):
        put_if(counter(), CounterRow.name.does_not_exist())
    assert storage_faults.faults["dynamodb"].times == 1_000 - MAX_TRIES


def test_another_refusal_is_not_repeated(storage_faults: Simulation, pauses: list[float]) -> None:
    counter().save()
    assert not put_if(counter(), CounterRow.name.does_not_exist())
    assert pauses == []


def test_a_condition_that_fails_after_a_conflict_is_reported(storage_faults: Simulation) -> None:
    counter().save()
    conflicts(storage_faults, 2)
    assert not put_if(counter(), CounterRow.name.does_not_exist())
    assert not delete_if(counter("none"), CounterRow.name.exists())


@contextmanager
def lost_answer_then_conflict(operation: str) -> Iterator[None]:
    """The write takes effect and its answer is lost. The conflict answers botocore's own retry."""
    events = shared_connection().client.meta.events
    answers: list[Any] = [
        {"Error": {"Code": "TransactionConflictException"}, "ResponseMetadata": {"RetryAttempts": 1}}
    ]

    def after_call(parsed: Any, http_response: Any, **_: Any) -> None:
        if answers:
            raise ClientError(answers.pop(), operation)

    events.register(f"after-call.dynamodb.{operation}", after_call)
    try:
        yield
    finally:
        events.unregister(f"after-call.dynamodb.{operation}", after_call)


def test_a_write_that_landed_before_a_conflict_is_reported_as_written(tables: object) -> None:
    with lost_answer_then_conflict("PutItem"):
        assert put_if(counter(), CounterRow.name.does_not_exist())
    with lost_answer_then_conflict("UpdateItem"):
        assert update_if(counter(), [CounterRow.counted.set(2)], CounterRow.counted == 1)
    with lost_answer_then_conflict("DeleteItem"):
        assert delete_if(counter(), CounterRow.counted == 2)


def test_every_table_repeats_its_plain_writes() -> None:
    assert all(getattr(row, name) is getattr(Row, name) for row in ROW_TYPES for name in ("save", "update", "delete"))


def test_a_transaction_that_meets_another_decides_again(world: World, storage_faults: Simulation) -> None:
    attempts: list[int] = []

    def decide(ops: Transaction) -> None:
        attempts.append(ops.attempt)
        ops.add(counter())

    conflicts(storage_faults, 2, "TransactWriteItems")
    atomic(world, decide)
    assert attempts == [0, 1, 2]


def test_every_nth_write_conflicts_in_a_sandbox_with_that_option(tables: object, pauses: list[float]) -> None:
    faults = StorageFaults(Simulation(), FaultsEach(conflict=3))
    faults.start()
    try:
        for number in range(4):
            counter(str(number)).save()
    finally:
        faults.stop()
    assert len(pauses) == 1
    assert len(list(CounterRow.scan())) == 4
