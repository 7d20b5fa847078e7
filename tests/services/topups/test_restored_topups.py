"""Reversed top-ups whose money the gateway has again, and reversals beside refunds of ours."""

from io import StringIO

import pytest

from chalicelib.domain import ledger
from chalicelib.domain.account import Role
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.payment_gateway import GatewayRefundState, PaymentState, PaymentStatus, RefundStatus
from chalicelib.domain.problems import Problem
from chalicelib.domain.reversal import Reversal, ReversalAction, ReversalState
from chalicelib.domain.topup_intent import Intent
from chalicelib.services import outbox
from chalicelib.services.refunds import eligibility
from chalicelib.services.topups import reversal_decisions, reversals
from chalicelib.services.users import deletion
from chalicelib.tables import intents
from chalicelib.tables.dynamodb import fetch_one
from tests.builders import LABIM, account
from tests.deletion_scenario import delete_customer
from tests.interleaving import interleave
from tests.network import REFUSED, Network
from tests.reconciliation_scenario import SUM, alarms
from tests.refund_scenario import RefundScenario
from tests.reversal_scenario import DISPUTED, PART, PART_WITHOUT_AMOUNT, WHOLE, ReversalScenario

PAID = PaymentStatus(PaymentState.PAID, "t1", SUM)
HALF_DISPUTED = PaymentStatus(PaymentState.DISPUTED, "t1", SUM, contested_paisa=20_000)


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
    assert (account(reversal_day.user).due_paisa, account(reversal_day.user).reversal_due_paisa) == (0, 0)
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


def test_what_is_given_back_pays_another_due_first(reversal_day: ReversalScenario) -> None:
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
        eligibility.refundable_amount(account(reversal_day.user), seq)
    reversal_day.resolve(intent, "give_back")
    assert eligibility.refundable_amount(account(reversal_day.user), seq).amount.paisa == SUM
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


def test_our_refund_of_the_rest_does_not_lower_a_reversal(network: Network) -> None:
    scenario = RefundScenario(network)
    transaction = scenario.top_up(SUM)
    reversal_day = desk_of(network, scenario)
    intent = topped_up(scenario, transaction)
    reversal_day.goes_back(intent, PART)
    reversal_day.resolve(intent, "take_back")
    refund = scenario.request_refund(transaction)
    scenario.approve(refund)
    reversal_day.check_daily()
    scenario.send()
    reversal_day.goes_back(intent, WHOLE)
    assert [(line.reversed_paisa, line.state) for line in reversal_day.listed(ReversalState.DECIDED)] == [
        (12_000, ReversalState.DECIDED)
    ]
    assert reversal_day.listed() == []
    assert reversal_day.books_balance()


def desk_of(network: Network, scenario: RefundScenario) -> ReversalScenario:
    reversal_day = ReversalScenario(network)
    reversal_day.user = scenario.user
    return reversal_day


def topped_up(scenario: RefundScenario, transaction: str) -> Intent:
    posting = next(posting for posting in scenario.ledger() if posting.transaction_id == transaction)
    intent = fetch_one(intents.intent_key(scenario.user, posting.ref))
    assert intent is not None
    return intent


@pytest.mark.parametrize(
    ("requested", "returned", "found"),
    [
        (SUM, PART, 12_000),
        (SUM, WHOLE, 0),
        (SUM, PART_WITHOUT_AMOUNT, None),
        (SUM, HALF_DISPUTED, 20_000),
        (20_000, WHOLE, 30_000),
        (20_000, PART, 12_000),
        (12_000, PART, 0),
        (20_000, PART_WITHOUT_AMOUNT, 0),
        (20_000, DISPUTED, SUM),
    ],
)
def test_the_sums_prove_a_refund_by_the_desk_beside_an_open_request(
    requested: int, returned: PaymentStatus, found: int | None, network: Network
) -> None:
    scenario = RefundScenario(network)
    transaction = scenario.top_up(SUM)
    reversal_day = desk_of(network, scenario)
    reversal_day.spend(SUM - requested)
    assert scenario.request_refund(transaction).amount_paisa == requested
    reversal_day.goes_back(topped_up(scenario, transaction), returned)
    assert [line.reversed_paisa for line in reversal_day.listed()] == ([] if found == 0 else [found])


def test_a_rejected_request_explains_nothing_any_more(network: Network) -> None:
    scenario = RefundScenario(network)
    transaction = scenario.top_up(SUM)
    reversal_day = desk_of(network, scenario)
    refund = scenario.request_refund(transaction)
    reversal_day.goes_back(topped_up(scenario, transaction), WHOLE)
    assert reversal_day.listed() == []
    scenario.reject(refund)
    reversal_day.check_daily()
    assert [line.reversed_paisa for line in reversal_day.listed()] == [SUM]


def test_a_released_hold_pays_the_due_of_a_reversed_topup(reversal_day: ReversalScenario) -> None:
    intent = reversal_day.credited()
    rental = reversal_day.network.start(reversal_day.user)
    reversal_day.gateway_reports(intent, WHOLE)
    reversals.check(reversal_day.world, reversal_day.now(intent))
    held_paisa = SUM - reversal_day.wallet
    assert held_paisa > 0
    reversal_day.resolve(intent, "due")
    assert (reversal_day.wallet, account(reversal_day.user).reversal_due_paisa) == (0, held_paisa)
    reversal_day.network.report_eject(LABIM, rental.powerbank_sn, REFUSED)
    assert (
        reversal_day.wallet,
        account(reversal_day.user).due_paisa,
        account(reversal_day.user).reversal_due_paisa,
    ) == (0, 0, 0)
    assert reversal_day.books_balance()


def test_a_refund_that_its_gateway_did_not_pay_pays_the_due(network: Network) -> None:
    scenario = RefundScenario(network)
    other, transaction = scenario.top_up(SUM), scenario.top_up(SUM)
    reversal_day = desk_of(network, scenario)
    refund = scenario.request_refund(transaction)
    scenario.approve(refund)
    reversal_day.goes_back(topped_up(scenario, other), WHOLE)
    reversal_day.spend(30_000)
    reversal_day.resolve(topped_up(scenario, other), "due")
    assert account(reversal_day.user).reversal_due_paisa == 30_000
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.REFUSED, reason="validation_error")
    scenario.send()
    assert (
        reversal_day.wallet,
        account(reversal_day.user).due_paisa,
        account(reversal_day.user).reversal_due_paisa,
    ) == (20_000, 0, 0)
    assert reversal_day.books_balance()


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
    assert reversal_day.books_balance()
