"""Reversals beside refunds of ours, and what pays the due of a reversed top-up."""

import pytest

from chalicelib.domain.payments.payment_gateway import GatewayRefundState, PaymentStatus, RefundStatus
from chalicelib.domain.payments.reversal import ReversalState
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.services.topups import payment_events, reversals
from chalicelib.tables import intents
from chalicelib.tables.dynamodb import fetch_one
from infra.local.aws.iam import running
from tests.scenarios.reconciliation_scenario import SUM
from tests.scenarios.refund_scenario import RefundScenario
from tests.scenarios.reversal_scenario import (
    DISPUTED,
    HALF_DISPUTED,
    PART,
    PART_WITHOUT_AMOUNT,
    WHOLE,
    ReversalScenario,
)
from tests.world.builders import LABIM, account
from tests.world.network import REFUSED, Network


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


def test_a_callback_proves_a_refund_by_the_desk_beside_an_open_request(network: Network) -> None:
    scenario = RefundScenario(network)
    transaction = scenario.top_up(SUM)
    reversal_day = desk_of(network, scenario)
    scenario.request_refund(transaction)
    intent = topped_up(scenario, transaction)
    reversal_day.gateway_reports(intent, PART)
    with running("HandlePaymentEvents"):
        payment_events.handle_payment_event(network.world, intent.user_id, intent.intent_id, is_reversal=True)
    assert [line.reversed_paisa for line in reversal_day.listed()] == [12_000]


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
