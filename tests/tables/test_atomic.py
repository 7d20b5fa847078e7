"""Transactions: a conflict runs the decision again, and an unknown commit is looked up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.problems.problems import Problem
from chalicelib.tables import accounts, identities
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_many, fetch_one, shared_connection
from chalicelib.tables.transaction_sends import MAX_TRIES
from chalicelib.world import World
from tests.world.builders import account

KEY = accounts.account_key("u")


def add_point(world: World, before_write: Callable[[int], None] = lambda _: None) -> list[int]:
    """Add one point to the current row. `before_write` runs between the read and the write."""
    attempts: list[int] = []

    def decide(ops: Transaction) -> None:
        attempts.append(ops.attempt)
        stored_account = fetch_one(KEY)
        assert stored_account is not None
        before_write(ops.attempt)
        accounts.save(ops, replace(stored_account, points=stored_account.points + 1))

    atomic(world, decide)
    return attempts


def test_a_conflict_runs_the_decision_again(world_with_account: World) -> None:
    def conflict_once(attempt: int) -> None:
        if attempt == 0:
            add_point(world_with_account)

    assert add_point(world_with_account, conflict_once) == [0, 1]
    assert account("u").points == 2


def test_endless_conflicts_raise_busy(world_with_account: World) -> None:
    def conflict_always(_: int) -> None:
        add_point(world_with_account)

    with pytest.raises(Problem, match="busy"):
        add_point(world_with_account, conflict_always)
    assert account("u").points == MAX_TRIES


def test_a_named_conflict_raises_and_writes_nothing(world_with_account: World) -> None:
    def decide(ops: Transaction) -> None:
        identities.claim_identity(ops, "phone", "x", "u", conflict=Problem("already_registered"))
        accounts.save(ops, replace(account("u"), points=9))

    atomic(world_with_account, decide)
    with pytest.raises(Problem, match="already_registered"):
        atomic(world_with_account, decide)
    assert account("u").version == 2


def test_the_first_of_two_named_conflicts_is_raised(world_with_account: World) -> None:
    def decide(ops: Transaction) -> None:
        identities.claim_identity(ops, "phone", "x", "u", conflict=Problem("already_registered"))
        identities.claim_identity(ops, "username", "x", "u", conflict=Problem("username_taken"))

    atomic(world_with_account, decide)
    with pytest.raises(Problem, match="already_registered"):
        atomic(world_with_account, decide)


@contextmanager
def failing_with(*failures: Callable[[], Any]) -> Iterator[list[str]]:
    """Answer the next transactions with these errors before they reach the engine. Other calls pass."""
    remaining, calls = list(failures), []

    def before_call(**_: Any) -> Any:
        calls.append("transaction")
        return remaining.pop(0)() if remaining else None

    events = shared_connection().client.meta.events
    events.register("before-call.dynamodb.TransactWriteItems", before_call)
    try:
        yield calls
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", before_call)


@contextmanager
def losing_responses(count: int) -> Iterator[None]:
    """Let the next transactions take effect, and lose their responses."""
    remaining = [count]

    def after_call(parsed: Any, **_: Any) -> None:
        if remaining[0] > 0:
            remaining[0] -= 1
            raise ReadTimeoutError(endpoint_url="http://dynamodb")

    events = shared_connection().client.meta.events
    events.register("after-call.dynamodb.TransactWriteItems", after_call)
    try:
        yield
    finally:
        events.unregister("after-call.dynamodb.TransactWriteItems", after_call)


@dataclass
class HttpError:
    """The part of an HTTP response that botocore reads."""

    status_code: int = 400


def conflict() -> Any:
    reasons = [{"Code": "TransactionConflict", "Message": "m"}]
    error = {"Code": "TransactionCanceledException", "Message": "m"}
    return HttpError(), {"Error": error, "CancellationReasons": reasons, "ResponseMetadata": {}}


def throttled() -> Any:
    return HttpError(), {"Error": {"Code": "ThrottlingException", "Message": "m"}, "ResponseMetadata": {}}


@pytest.mark.parametrize("refusal", [conflict, throttled])
def test_conflicts_and_throttling_are_retried(world_with_account: World, refusal: Callable[[], Any]) -> None:
    with failing_with(refusal, refusal, refusal) as calls:
        add_point(world_with_account)
    assert account("u").points == 1
    assert len(calls) == 4


def test_a_transaction_with_a_lost_response_is_not_repeated(world_with_account: World) -> None:
    with losing_responses(1):
        assert add_point(world_with_account) == [0]
    assert account("u").points == 1


def test_a_transaction_that_never_arrived_is_sent_again(world_with_account: World) -> None:
    def lost() -> Any:
        raise ReadTimeoutError(endpoint_url="http://dynamodb")

    with failing_with(lost) as calls:
        assert add_point(world_with_account) == [0]
    assert len(calls) == 2
    assert account("u").points == 1


def test_a_transaction_has_a_maximum_of_items(world_with_account: World) -> None:
    def decide(ops: Transaction) -> None:
        for number in range(26):
            identities.claim_identity(ops, "phone", str(number), "u", conflict=Problem("busy", retry_after_seconds=1))

    with pytest.raises(ValueError, match="too much"):
        atomic(world_with_account, decide)


def test_a_float_is_never_written(world_with_account: World) -> None:
    with pytest.raises(TypeError, match="not an integer"):
        atomic(world_with_account, lambda ops: accounts.save(ops, replace(account("u"), wallet_paisa=1.0)))  # type: ignore[arg-type]


def save_accounts(ops: Transaction, numbers: range) -> None:
    for number in numbers:
        accounts.save(ops, Account(f"u{number}"))


def test_fetch_many_reads_any_number_of_rows(world_with_account: World) -> None:
    keys = [accounts.account_key(f"u{number}") for number in range(250)]
    for start in range(0, 250, 25):
        numbers = range(start, start + 25)
        atomic(world_with_account, partial(save_accounts, numbers=numbers))
    assert len(fetch_many([*keys, accounts.account_key("nobody")])) == 250
