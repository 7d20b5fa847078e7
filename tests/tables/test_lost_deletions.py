"""Transactions with deletions, refusals and conflicts after an answer that was lost."""

import pytest

from chalicelib.domain.problems.problems import Problem
from chalicelib.tables import rate_limits
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.conditional_writes import put_if
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rate_limits import CounterRow
from chalicelib.world import World
from tests.tables.test_lost_answers import NO_PROOF, UNTIL, add_point, error, landed_then, transactions
from tests.world.builders import account


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_a_final_refusal_of_the_next_send_does_not_hide_a_committed_write(
    world_with_account: World, code: str
) -> None:
    with transactions(before=(None, error(code)), after=(landed_then(),), forgets_tokens=True):
        assert add_point(world_with_account) == [0]
    assert account("u").points == 1


@pytest.mark.parametrize("code", [None, *NO_PROOF])
def test_a_deletion_that_landed_without_an_answer_is_no_conflict(world_with_account: World, code: str | None) -> None:
    put_if(CounterRow(name="c", counted=1, expires=1), CounterRow.name.does_not_exist())

    def decide(ops: Transaction) -> None:
        ops.remove(CounterRow("c"), conflict=Problem("otp_wrong"))

    after = landed_then() if code is None else error(code, retries=2)
    with transactions(after=(after,)):
        atomic(world_with_account, decide)
    assert fetch_one(rate_limits.counter_key("c")) is None


def test_a_deletion_beside_an_update_is_proved_by_the_update(world_with_account: World) -> None:
    put_if(CounterRow(name="c", counted=1, expires=1), CounterRow.name.does_not_exist())

    def decide(ops: Transaction) -> None:
        rate_limits.count(ops, "d", 1, UNTIL, conflict=Problem("otp_limit_reached", retry_after_seconds=1))
        ops.remove(CounterRow("c"), conflict=Problem("otp_wrong"))

    with transactions(after=(landed_then(),), forgets_tokens=True):
        atomic(world_with_account, decide)
    assert (fetch_one(rate_limits.counter_key("c")), CounterRow.get("d").counted) == (None, 1)


def test_a_conflict_while_an_earlier_send_is_in_progress_runs_no_decision_again(world_with_account: World) -> None:
    in_the_way = error("TransactionCanceledException", retries=1, reasons=("TransactionConflict",))
    in_progress = error("TransactionInProgressException", retries=1)
    with transactions(before=(in_progress, in_the_way, None, in_progress), after=(landed_then(),)) as requests:
        assert add_point(world_with_account) == [0]
    assert account("u").points == 1
    assert len({request["ClientRequestToken"] for request in requests}) == 1
