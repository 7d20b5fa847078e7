"""Reversals that two operators decide at once, and reversals of deleted accounts."""

from io import StringIO

import pytest

from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.reversal import Reversal, ReversalAction, ReversalState
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.topups import reversal_decisions
from chalicelib.services.users import deletion
from tests.engines.interleaving import interleave
from tests.scenarios.deletion_scenario import delete_customer
from tests.scenarios.reconciliation_scenario import SUM
from tests.scenarios.reversal_scenario import DISPUTED, PAID, WHOLE, ReversalScenario
from tests.world.log_lines import alarms


@pytest.mark.parametrize("first", ["take_back", "due", "leave"])
@pytest.mark.parametrize("second", ["take_back", "due", "leave"])
def test_of_two_operators_at_once_one_decides(first: str, second: str, reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.spend(20_000)
    reversal_day.goes_back(intent, WHOLE)
    other = reversal_day.network.operator("second@example.com", Role.FINANCE).caller(reversal_day.world)
    results: list[Reversal] = []

    def second_operator() -> None:
        results.append(
            reversal_decisions.resolve(
                reversal_day.world,
                other,
                intent.intent_id,
                action=ReversalAction(second),
                amount_paisa=None,
                notes="seen too",
            )
        )

    with interleave(second_operator), pytest.raises(Problem, match="reversal_already_decided"):
        reversal_day.resolve(intent, first)
    assert [result.action for result in results] == [second]
    (line,) = reversal_day.listed(ReversalState.DECIDED)
    assert (line.action, line.settled_paisa, line.decided_by) == (second, SUM, other.user_id)
    assert reversal_day.books_balance()


def delete_account(reversal_day: ReversalScenario) -> None:
    """The customer deletes the account, and the second erasure follows."""
    delete_customer(reversal_day.network, reversal_day.user)
    reversal_day.fake_world.clock.advance(minutes=2)
    outbox.sweep(reversal_day.world)
    for body in reversal_day.fake_world.queues.take(outbox.ERASURE):
        deletion.handle_message(reversal_day.world, body)


@pytest.mark.parametrize("action", ["take_back", "leave"])
def test_a_topup_of_a_deleted_account_that_goes_back_is_our_loss(
    action: str, reversal_day: ReversalScenario, log_output: StringIO
) -> None:
    intent = reversal_day.credited()
    reversal_day.network.deliver_messages()
    delete_account(reversal_day)
    reversal_day.goes_back(intent, DISPUTED)
    with pytest.raises(Problem, match="account_deleted"):
        reversal_day.resolve(intent, "due")
    assert reversal_day.resolve(intent, action).loss_paisa == SUM
    assert reversal_day.books_balance()
    reversal_day.goes_back(intent, PAID)
    assert reversal_day.resolve(intent, "give_back").settled_paisa == 0
    assert reversal_day.wallet == 0
    assert alarms(log_output, Alarm.MONEY_FOR_DELETED_ACCOUNT) == []
    assert reversal_day.books_balance()


def test_money_given_back_to_a_deleted_account_raises_an_alarm(
    reversal_day: ReversalScenario, log_output: StringIO
) -> None:
    intent = reversal_day.credited()
    reversal_day.network.deliver_messages()
    reversal_day.goes_back(intent, DISPUTED)
    reversal_day.resolve(intent, "take_back")
    delete_account(reversal_day)
    reversal_day.goes_back(intent, PAID)
    reversal_day.resolve(intent, "give_back")
    (alarm,) = alarms(log_output, Alarm.MONEY_FOR_DELETED_ACCOUNT)
    assert (alarm["intent_id"], alarm["amount_paisa"]) == (intent.intent_id, SUM)
    assert reversal_day.wallet == 0
    assert reversal_day.posted("refund:by_hand") == SUM
    with pytest.raises(Problem, match="reversal_already_decided"):
        reversal_day.resolve(intent, "give_back")
    assert reversal_day.books_balance()
