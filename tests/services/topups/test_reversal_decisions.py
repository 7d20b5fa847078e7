"""An operator's decision on a payment that went back: what it posts, and that it is made once."""

from io import StringIO

import pytest

from chalicelib.domain.money import ledger
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.payments.reversal import ReversalState
from chalicelib.domain.problems.problems import Problem
from chalicelib.services.refunds.refundable_amount import refundable_amount
from chalicelib.services.topups import crediting
from tests.scenarios.reconciliation_scenario import SUM
from tests.scenarios.reversal_scenario import PART, PART_WITHOUT_AMOUNT, WHOLE, ReversalScenario
from tests.world.builders import account
from tests.world.log_lines import alarms
from tests.world.network import PAY_AS_YOU_GO
from tests.world.real_tables import all_rows


@pytest.mark.parametrize(
    ("action", "spent", "wallet", "due", "loss"),
    [
        ("take_back", 0, SUM, 0, 0),
        ("take_back", 20_000, 30_000, 0, 20_000),
        ("due", 0, SUM, 0, 0),
        ("due", 20_000, 30_000, 20_000, 0),
        ("leave", 0, 0, 0, SUM),
        ("leave", 20_000, 0, 0, SUM),
    ],
)
def test_each_decision_has_its_posting(
    action: str, spent: int, wallet: int, due: int, loss: int, reversal_day: ReversalScenario
) -> None:
    intent = reversal_day.credited()
    reversal_day.spend(spent)
    reversal_day.goes_back(intent, WHOLE)
    decided = reversal_day.resolve(intent, action)
    assert (decided.wallet_paisa, decided.due_paisa, decided.loss_paisa) == (wallet, due, loss)
    assert reversal_day.wallet == SUM - spent - wallet
    assert (account(reversal_day.user).due_paisa, account(reversal_day.user).reversal_due_paisa) == (due, due)
    assert reversal_day.posted("gateway:khalti") == 0
    assert reversal_day.posted(ledger.LOSS_REVERSED) == -due - loss
    assert (reversal_day.listed(), [line.action for line in reversal_day.listed(ReversalState.DECIDED)]) == (
        [],
        [action],
    )
    assert reversal_day.books_balance()


def test_a_reversal_is_decided_once(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    with pytest.raises(Problem, match="not_found"):
        reversal_day.resolve(intent, "leave")
    reversal_day.goes_back(intent, WHOLE)
    reversal_day.resolve(intent, "take_back")
    before = all_rows()
    with pytest.raises(Problem, match="reversal_already_decided"):
        reversal_day.resolve(intent, "take_back")
    assert all_rows() == before
    reversal_day.check_daily()
    assert reversal_day.listed() == []
    assert reversal_day.wallet == 0


def test_nobody_decides_a_reversal_of_their_own_topup(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.goes_back(intent, WHOLE)
    reversal_day.operator = reversal_day.network.sessions[reversal_day.user]
    with pytest.raises(Problem, match="refund_own_request"):
        reversal_day.resolve(intent, "leave")


def test_a_due_blocks_rentals_until_the_next_topups_pay_it(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.spend(40_000)
    reversal_day.goes_back(intent, WHOLE)
    reversal_day.resolve(intent, "due")
    assert (reversal_day.wallet, account(reversal_day.user).due_paisa) == (0, 40_000)
    with pytest.raises(Problem, match="due_unpaid"):
        reversal_day.network.start(reversal_day.user, package=PAY_AS_YOU_GO)
    crediting.refresh_from_gateway(reversal_day.world, reversal_day.paid())
    assert (
        reversal_day.wallet,
        account(reversal_day.user).due_paisa,
        account(reversal_day.user).reversal_due_paisa,
    ) == (10_000, 0, 0)
    assert reversal_day.posted(ledger.LOSS_REVERSED) == 0
    assert reversal_day.books_balance()
    with pytest.raises(Problem, match="station_offline"):
        reversal_day.network.start(reversal_day.user, package=PAY_AS_YOU_GO)


@pytest.mark.parametrize("amount", [None, 0, SUM + 1])
def test_the_operator_gives_an_amount_that_the_gateway_does_not_report(
    amount: int | None, reversal_day: ReversalScenario
) -> None:
    intent = reversal_day.credited()
    reversal_day.goes_back(intent, PART_WITHOUT_AMOUNT)
    with pytest.raises(Problem, match="invalid_input"):
        reversal_day.resolve(intent, "take_back", amount)
    assert reversal_day.resolve(intent, "take_back", 15_000).wallet_paisa == 15_000
    assert reversal_day.wallet == SUM - 15_000
    reversal_day.check_daily()
    assert reversal_day.listed() == []


def test_a_later_part_opens_the_line_again_with_an_alarm(
    reversal_day: ReversalScenario, log_output: StringIO
) -> None:
    intent = reversal_day.credited()
    reversal_day.goes_back(intent, PART)
    reversal_day.resolve(intent, "take_back")
    reversal_day.goes_back(intent, WHOLE)
    (line,) = reversal_day.listed()
    assert line.outstanding_paisa == SUM - 12_000
    assert len(alarms(log_output, Alarm.PAYMENT_REVERSED)) == 2
    reversal_day.resolve(intent, "take_back")
    assert (reversal_day.wallet, reversal_day.listed()) == (0, [])
    assert reversal_day.books_balance()


def test_reversed_money_is_not_refunded_again(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.network.deliver_messages()
    seq = int(reversal_day.now(intent).credited_seq or 0)
    reversal_day.goes_back(intent, PART)
    assert refundable_amount(account(reversal_day.user), seq).amount.paisa == SUM - 12_000
    reversal_day.resolve(intent, "leave")
    assert refundable_amount(account(reversal_day.user), seq).amount.paisa == SUM - 12_000
    reversal_day.goes_back(intent, WHOLE)
    with pytest.raises(Problem, match="already_refunded"):
        refundable_amount(account(reversal_day.user), seq)


def test_money_that_an_operator_adds_pays_the_due_first(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    reversal_day.spend(SUM)
    reversal_day.goes_back(intent, WHOLE)
    reversal_day.resolve(intent, "due")
    for paisa, wallet, due in ((30_000, 0, 20_000), (25_000, 5_000, 0)):
        reversal_day.add_money(paisa)
        assert (reversal_day.wallet, account(reversal_day.user).due_paisa) == (wallet, due)
    assert reversal_day.books_balance()
