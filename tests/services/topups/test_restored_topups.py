"""Reversed top-ups whose money the gateway has again: the reversal ends, or an operator gives the money back."""

from io import StringIO

import pytest

from chalicelib.domain.money import ledger
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.payments.payment_gateway import PaymentStatus
from chalicelib.domain.payments.reversal import ReversalState
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.refunds.refundable_amount import refundable_amount
from chalicelib.services.topups import reversals
from tests.scenarios.reconciliation_scenario import SUM
from tests.scenarios.reversal_scenario import (
    DISPUTED,
    HALF_DISPUTED,
    PAID,
    PART,
    PART_WITHOUT_AMOUNT,
    WHOLE,
    ReversalScenario,
)
from tests.world.builders import account
from tests.world.log_lines import alarms


def dues(reversal_day: ReversalScenario) -> tuple[int, int]:
    """What the customer owes, and the part of it for reversed top-ups."""
    customer = account(reversal_day.user)
    return customer.due_paisa, customer.reversal_due_paisa


@pytest.mark.parametrize("returned", [WHOLE, PART_WITHOUT_AMOUNT, DISPUTED, HALF_DISPUTED])
def test_money_restored_before_a_decision_leaves_the_desk(
    returned: PaymentStatus, reversal_day: ReversalScenario
) -> None:
    intent = reversal_day.credited()
    reversal_day.goes_back(intent, returned)
    assert len(reversal_day.listed()) == 1
    reversal_day.goes_back(intent, PAID)
    assert reversal_day.listed() == []
    (line,) = reversal_day.listed(ReversalState.ENDED)
    assert (line.reversed_paisa, line.action) == (0, None)
    with pytest.raises(Problem, match="reversal_already_decided"):
        reversal_day.resolve(intent, "leave")
    reversal_day.goes_back(intent, returned)
    assert len(reversal_day.listed()) == 1
    assert (reversal_day.posted("gateway:khalti"), reversal_day.posted(ledger.LOSS_REVERSED)) == (-SUM, 0)


@pytest.mark.parametrize(
    ("action", "spent", "wallet", "paid_later"),
    [
        ("take_back", 0, SUM, 0),
        ("take_back", 20_000, 30_000, 0),
        ("due", 20_000, 30_000, 0),
        ("due", 20_000, 50_000, 20_000),
        ("due", 20_000, 35_000, 5_000),
        ("leave", 20_000, 30_000, 0),
    ],
)
def test_a_won_dispute_gives_back_what_was_taken(
    action: str, spent: int, wallet: int, paid_later: int, reversal_day: ReversalScenario, log_output: StringIO
) -> None:
    intent = reversal_day.credited()
    reversal_day.spend(spent)
    reversal_day.goes_back(intent, DISPUTED)
    reversal_day.resolve(intent, action)
    if paid_later:
        reversal_day.tops_up(paid_later)
    reversal_day.goes_back(intent, PAID)
    reversal_day.check_daily()
    (line,) = reversal_day.listed()
    assert (line.reason, line.restored_paisa, line.outstanding_paisa) == ("restored", SUM, 0)
    (alarm,) = alarms(log_output, Alarm.REVERSED_MONEY_RESTORED)
    assert (alarm["intent_id"], alarm["amount_paisa"]) == (intent.intent_id, SUM)
    decided = reversal_day.resolve(intent, "give_back")
    assert (decided.settled_paisa, decided.wallet_paisa, decided.due_paisa, decided.loss_paisa) == (0, 0, 0, 0)
    assert reversal_day.wallet == wallet
    assert dues(reversal_day) == (0, 0)
    assert reversal_day.posted(ledger.LOSS_REVERSED) == 0
    reversal_day.check_daily()
    assert reversal_day.listed() == []
    assert reversal_day.books_balance()


def test_a_part_that_is_restored_lowers_our_loss_first(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.spend(40_000)
    reversal_day.goes_back(intent, DISPUTED)
    reversal_day.resolve(intent, "take_back")
    reversal_day.goes_back(intent, PART)
    (line,) = reversal_day.listed()
    assert (line.reversed_paisa, line.restored_paisa) == (12_000, SUM - 12_000)
    decided = reversal_day.resolve(intent, "give_back")
    assert (decided.wallet_paisa, decided.loss_paisa) == (10_000, 2_000)
    assert reversal_day.wallet == 0
    assert reversal_day.books_balance()


def test_restored_money_pays_another_due_first(reversal_day: ReversalScenario) -> None:
    first, second = reversal_day.credited(), reversal_day.credited()
    reversal_day.goes_back(first, DISPUTED)
    reversal_day.resolve(first, "take_back")
    reversal_day.spend(SUM)
    reversal_day.goes_back(second, WHOLE)
    reversal_day.resolve(second, "due")
    reversal_day.goes_back(first, PAID)
    reversal_day.resolve(first, "give_back")
    assert (
        reversal_day.wallet,
        account(reversal_day.user).due_paisa,
        account(reversal_day.user).reversal_due_paisa,
    ) == (0, 0, 0)
    assert reversal_day.books_balance()


@pytest.mark.parametrize("action", ["take_back", "due", "leave"])
def test_only_give_back_decides_restored_money(action: str, reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.goes_back(intent, DISPUTED)
    with pytest.raises(Problem, match="invalid_input"):
        reversal_day.resolve(intent, "give_back")
    reversal_day.resolve(intent, "take_back")
    reversal_day.goes_back(intent, PAID)
    for amount in (None, 1):
        with pytest.raises(Problem, match="invalid_input"):
            reversal_day.resolve(intent, action if amount is None else "give_back", amount)
    assert reversal_day.resolve(intent, "give_back", SUM).state is ReversalState.DECIDED


def test_restored_money_that_goes_back_again_needs_no_give_back(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.goes_back(intent, DISPUTED)
    reversal_day.resolve(intent, "take_back")
    reversal_day.goes_back(intent, PAID)
    reversal_day.goes_back(intent, DISPUTED)
    assert reversal_day.listed() == []
    (line,) = reversal_day.listed(ReversalState.DECIDED)
    assert (line.settled_paisa, line.restored_paisa) == (SUM, 0)
    assert reversal_day.wallet == 0


def test_given_back_money_can_be_reversed_and_refunded_again(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.network.deliver_messages()
    seq = int(reversal_day.now(intent).credited_seq or 0)
    reversal_day.goes_back(intent, DISPUTED)
    reversal_day.resolve(intent, "take_back")
    reversal_day.goes_back(intent, PAID)
    with pytest.raises(Problem, match="already_refunded"):
        refundable_amount(account(reversal_day.user), seq)
    reversal_day.resolve(intent, "give_back")
    assert refundable_amount(account(reversal_day.user), seq).amount.paisa == SUM
    reversal_day.goes_back(intent, WHOLE)
    assert reversal_day.resolve(intent, "take_back").wallet_paisa == SUM
    assert reversal_day.books_balance()


def test_an_old_answer_changes_no_reversal(reversal_day: ReversalScenario) -> None:
    """A look-up saw the payment before it went back, and is recorded after another look-up that saw it go back."""
    intent = reversal_day.credited()
    reversal_day.goes_back(intent, WHOLE)
    answers = iter([PAID, WHOLE])
    reversal_day.gateway("khalti").fetch_payment = lambda intent: next(answers)  # type: ignore[method-assign]
    reversals.check(reversal_day.world, reversal_day.now(intent))
    assert [line.reversed_paisa for line in reversal_day.listed()] == [SUM]


def test_added_money_that_a_reversal_took_comes_back_as_added_money(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.spend(SUM)
    reversal_day.add_money(SUM)
    reversal_day.goes_back(intent, DISPUTED)
    reversal_day.resolve(intent, "take_back")
    reversal_day.goes_back(intent, PAID)
    reversal_day.resolve(intent, "give_back")
    assert reversal_day.books_balance()
    customer = account(reversal_day.user)
    assert (customer.wallet_paisa, customer.added_paisa) == (SUM, SUM)
    with pytest.raises(Problem, match="refund_spent"):
        refundable_amount(customer, int(reversal_day.now(intent).credited_seq or 0))
