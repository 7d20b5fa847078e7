"""A transaction whose outcome is unknown takes effect once, whatever DynamoDB answers to its next sends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from chalicelib.domain.problems.problems import Problem
from chalicelib.tables import accounts, identities, rate_limits
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.conditional_writes import put_if, update_if
from chalicelib.tables.dynamodb import fetch_one, shared_connection
from chalicelib.tables.rate_limits import CounterRow
from chalicelib.world import World
from tests.world.builders import account
from tests.world.direct_client import http_response

TRANSACTION = "dynamodb.TransactWriteItems"
UNTIL = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(days=1)
NO_PROOF = ["TransactionInProgressException", "ThrottlingException", "ProvisionedThroughputExceededException"]
Answer = Callable[[], Any]


def add_point(world: World) -> list[int]:
    """Add one point. Returns the attempts of the decision."""
    attempts: list[int] = []

    def decide(ops: Transaction) -> None:
        attempts.append(ops.attempt)
        current = account("u")
        accounts.save(ops, replace(current, points=current.points + 1))

    atomic(world, decide)
    return attempts


def error(code: str, *, status: int = 400, retries: int = 0, reasons: tuple[str, ...] = ()) -> Answer:
    """An error response of DynamoDB after `retries` of botocore."""
    parsed = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"RetryAttempts": retries}}
    if reasons:
        parsed["CancellationReasons"] = [{"Code": reason, "Message": "m"} for reason in reasons]
    return lambda: (http_response(status), parsed)


def lost() -> Any:
    raise ReadTimeoutError(endpoint_url="http://dynamodb")


@contextmanager
def transactions(
    *, before: tuple[Answer | None, ...] = (), after: tuple[Answer, ...] = (), forgets_tokens: bool = False
) -> Iterator[list[dict[str, Any]]]:
    """Answers the next transactions: `before` without effect (None: DynamoDB answers), `after` once they had effect.

    Yields the requests.
    """
    requests: list[dict[str, Any]] = []
    without_effect, with_effect = list(before), list(after)

    def before_call(params: dict[str, Any], **_: Any) -> Any:
        requests.append({**params})
        if forgets_tokens:
            params.pop("ClientRequestToken")
        answer = without_effect.pop(0) if without_effect else None
        return answer() if answer else None

    def after_call(http_response: Any, parsed: Any, **_: Any) -> None:
        if with_effect and http_response.status_code == 200:
            answered = with_effect.pop(0)()
            raise ClientError(answered[1], "TransactWriteItems")

    events = shared_connection().client.meta.events
    events.register(f"before-call.{TRANSACTION}", before_call)
    events.register(f"after-call.{TRANSACTION}", after_call)
    try:
        yield requests
    finally:
        events.unregister(f"before-call.{TRANSACTION}", before_call)
        events.unregister(f"after-call.{TRANSACTION}", after_call)


def landed_then(*do: Callable[[], Any]) -> Answer:
    """The answer is lost, and `do` happens before the next send."""

    def answer() -> Any:
        for action in do:
            action()
        lost()

    return answer


def test_a_point_is_added_once_when_another_writer_follows_a_lost_answer(world_with_account: World) -> None:
    with transactions(after=(landed_then(lambda: add_point(world_with_account)),)):
        assert add_point(world_with_account) == [0]
    assert account("u").points == 2


@pytest.mark.parametrize("code", NO_PROOF)
def test_throttling_after_a_write_that_landed_proves_nothing(world_with_account: World, code: str) -> None:
    with transactions(after=(error(code, retries=2),)):
        assert add_point(world_with_account) == [0]
    assert account("u").points == 1


@pytest.mark.parametrize("code", NO_PROOF)
def test_the_same_transaction_is_sent_until_the_answer_is_clear(world_with_account: World, code: str) -> None:
    with transactions(before=(lost, error(code), error("InternalServerError", status=500))) as requests:
        assert add_point(world_with_account) == [0]
    assert account("u").points == 1
    assert len(requests) == 4
    assert all(request == requests[0] for request in requests)


def test_a_conflict_after_a_lost_answer_sends_the_same_transaction(world_with_account: World) -> None:
    conflict = error("TransactionCanceledException", reasons=("TransactionConflict",))
    with transactions(before=(lost, conflict)) as requests:
        assert add_point(world_with_account) == [0]
    assert account("u").points == 1
    assert len({request["ClientRequestToken"] for request in requests}) == 1


def test_updates_that_landed_without_an_answer_count_once(world: World) -> None:
    def count(ops: Transaction) -> None:
        rate_limits.count(ops, "c", 1, UNTIL, conflict=Problem("otp_limit_reached", retry_after_seconds=1))

    with transactions(after=(landed_then(),)):
        atomic(world, count)
    assert CounterRow.get("c").counted == 1


def test_updates_are_found_by_their_id_after_the_token_expired(world: World) -> None:
    def count(ops: Transaction) -> None:
        rate_limits.count(ops, "c", 5, UNTIL, conflict=Problem("otp_limit_reached", retry_after_seconds=1))

    with transactions(after=(landed_then(),), forgets_tokens=True):
        atomic(world, count)
    assert CounterRow.get("c").counted == 1


def test_any_row_with_the_id_proves_the_commit(world_with_account: World) -> None:
    def decide(ops: Transaction) -> None:
        current = account("u")
        accounts.save(ops, replace(current, points=current.points + 1))
        identities.claim_identity(ops, "phone", "x", "u", conflict=Problem("already_registered"))

    with transactions(after=(landed_then(lambda: add_point(world_with_account)),), forgets_tokens=True):
        atomic(world_with_account, decide)
    assert account("u").points == 2


def test_a_row_that_only_this_transaction_makes_proves_the_commit(world_with_account: World) -> None:
    def decide(ops: Transaction) -> None:
        accounts.save(ops, replace(account("u"), points=account("u").points + 1))
        ops.save(CounterRow(name="fresh-id", counted=1, expires=1), 0, sole_creator=True)

    def others() -> None:
        add_point(world_with_account)
        update_if(CounterRow("fresh-id"), [CounterRow.counted.add(1)], CounterRow.name.exists())

    with transactions(after=(landed_then(others),), forgets_tokens=True):
        atomic(world_with_account, decide)
    assert account("u").points == 2


def test_a_conflict_error_after_a_retry_does_not_hide_a_committed_write(world: World) -> None:
    failed = error("TransactionCanceledException", retries=1, reasons=("ConditionalCheckFailed",))
    taken = Problem("already_registered")
    with transactions(after=(failed,)):
        atomic(world, lambda ops: identities.claim_identity(ops, "phone", "x", "u", conflict=taken))
    assert fetch_one(identities.identity_key("phone", "x")) == "u"


@pytest.mark.parametrize(
    "code",
    [
        "AccessDeniedException",
        "ResourceNotFoundException",
        "IdempotentParameterMismatchException",
        "UnrecognizedClientException",
    ],
)
def test_a_request_that_can_never_succeed_is_raised_at_once(world_with_account: World, code: str) -> None:
    with transactions(before=(error(code),) * 20) as requests, pytest.raises(ClientError, match=code):
        add_point(world_with_account)
    assert len(requests) == 1


@pytest.mark.parametrize("answer", [lost, *(error(code) for code in NO_PROOF)])
def test_an_outcome_that_stays_unknown_is_never_decided_again(world_with_account: World, answer: Answer) -> None:
    with transactions(before=(answer,) * 100) as requests, pytest.raises(Problem, match="storage_unavailable"):
        add_point(world_with_account)
    assert len({request["ClientRequestToken"] for request in requests}) == 1
    assert account("u").points == 0


@contextmanager
def single_writes(operation: str, *after: Answer) -> Iterator[None]:
    """The next writes of one row take effect, and are answered like this."""
    answers = list(after)

    def after_call(**_: Any) -> None:
        if answers:
            raise ClientError(answers.pop(0)()[1], operation)

    events = shared_connection().client.meta.events
    events.register(f"after-call.dynamodb.{operation}", after_call)
    try:
        yield
    finally:
        events.unregister(f"after-call.dynamodb.{operation}", after_call)


CONDITION_FAILED = error("ConditionalCheckFailedException", retries=1)


def test_a_put_whose_first_send_took_effect_is_reported_as_written(tables: object) -> None:
    row = CounterRow(name="c", counted=1, expires=1)
    with single_writes("PutItem", CONDITION_FAILED):
        assert put_if(row, CounterRow.name.does_not_exist())
    assert not put_if(CounterRow(name="c", counted=2, expires=1), CounterRow.name.does_not_exist())


def test_an_update_whose_first_send_took_effect_is_reported_as_written(tables: object) -> None:
    put_if(CounterRow(name="c", counted=1, expires=1), CounterRow.name.does_not_exist())
    row = CounterRow("c")
    with single_writes("UpdateItem", CONDITION_FAILED):
        assert update_if(row, [CounterRow.counted.set(2)], CounterRow.counted == 1)
    assert row.counted == 2
    assert not update_if(CounterRow("c"), [CounterRow.counted.set(3)], CounterRow.counted == 1)
