"""Refunds: requested within limits, approved by another operator, paid out once."""

from dataclasses import replace

import pytest

from chalicelib.domain.payments.payment_gateway import GatewayRefundState, RefundStatus
from chalicelib.domain.payments.refund import RefundMethod, RefundState
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.refunds import decisions
from chalicelib.services.refunds.decisions import Approval
from chalicelib.services.wallet import transactions
from chalicelib.tables import accounts
from chalicelib.tables.atomic import atomic
from tests.scenarios.refund_scenario import SUM, RefundScenario
from tests.world.builders import account


def test_an_unspent_topup_is_refunded_with_its_points(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    assert (refund.state, refund.amount_paisa, refund.points) == (RefundState.REQUESTED, SUM, 50)
    assert (scenario.wallet, scenario.points) == (SUM, 100)
    assert scenario.approve(refund).state is RefundState.APPROVED
    assert (scenario.wallet, scenario.points, scenario.in_flight()) == (0, 50, SUM)
    assert scenario.network.books_balance()
    assert scenario.send() == [True]
    (request,) = scenario.fake_world.khalti.refunded
    assert (request.refund_id, request.amount_paisa, request.previously_refunded_paisa) == (refund.refund_id, SUM, 0)
    assert scenario.now(refund).state is RefundState.PROCESSED
    assert (scenario.wallet, scenario.points, scenario.in_flight()) == (0, 50, 0)
    assert scenario.network.books_balance()


def test_a_topup_spent_before_the_approval_stays_undecided(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up(20_000))
    scenario.spend()
    with pytest.raises(Problem, match="refund_spent"):
        scenario.approve(refund)
    assert scenario.now(refund).state is RefundState.REQUESTED
    assert scenario.reject(refund).state is RefundState.REJECTED
    assert scenario.network.books_balance()


def test_a_rentals_refund_returns_points_and_wallet_money(scenario: RefundScenario) -> None:
    scenario.top_up(2_000)
    rental, payment = scenario.paid_rental_marked_failed()
    assert (scenario.points, scenario.wallet) == (0, 500)
    refund = scenario.request_refund(payment)
    assert (refund.points, refund.amount_paisa) == (50, 1_500)
    assert scenario.approve(refund).state is RefundState.PROCESSED
    assert (scenario.points, scenario.wallet) == (50, 2_000)
    assert (scenario.network.rental(rental).points_paid, scenario.network.rental(rental).wallet_paid_paisa) == (0, 0)
    assert scenario.fake_world.khalti.refunded == []
    assert scenario.fake_world.queues.take(outbox_messages.REFUNDS) == []
    with pytest.raises(Problem, match="already_refunded"):
        scenario.request_refund(payment)
    # A failed rental costs nothing: the audit reported it, and finds no violation now.
    assert scenario.network.books_balance()


def test_the_requesting_operator_may_not_decide(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    promoted = replace(account(scenario.user), role=account(scenario.operator().user_id).role)
    atomic(scenario.world, lambda ops: accounts.save(ops, promoted))
    with pytest.raises(Problem, match="refund_own_request"):
        decisions.approve(scenario.world, scenario.caller(), refund.refund_id, Approval())
    with pytest.raises(Problem, match="refund_own_request"):
        decisions.reject(scenario.world, scenario.caller(), refund.refund_id, "why")
    assert scenario.now(refund).state is RefundState.REQUESTED
    assert scenario.approve(refund).state is RefundState.APPROVED


def test_a_decision_is_made_once(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.approve(refund)
    for again in (scenario.approve, scenario.reject):
        with pytest.raises(Problem, match="refund_already_decided"):
            again(refund)
    assert (scenario.wallet, scenario.in_flight()) == (0, SUM)


def test_an_esewa_refund_is_paid_by_hand_with_a_reference(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up(gateway="esewa"))
    for grant in (
        {},
        {"method": RefundMethod.GATEWAY},
        {"method": RefundMethod.WALLET},
        {"method": RefundMethod.BY_HAND},
    ):
        with pytest.raises(Problem, match="invalid_input"):
            scenario.approve(refund, **grant)
    processed = scenario.approve(refund, reference="000AWEO")
    assert (processed.state, processed.method, processed.reference) == (
        RefundState.PROCESSED,
        RefundMethod.BY_HAND,
        "000AWEO",
    )
    assert (scenario.wallet, scenario.in_flight(), scenario.fake_world.esewa.refunded) == (0, 0, [])
    assert scenario.network.books_balance()


def test_a_refund_paid_by_hand_never_calls_the_gateway(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    assert scenario.approve(refund, method=RefundMethod.BY_HAND, reference="bank 4711").state is RefundState.PROCESSED
    scenario.advance_hours(2)
    assert scenario.fake_world.khalti.refunded == []
    assert scenario.network.books_balance()


def test_a_refund_at_a_retired_gateway_is_by_hand_or_rejected(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up(gateway="stripe"))
    scenario.world = replace(scenario.world, gateways={"khalti": scenario.fake_world.khalti})
    with pytest.raises(Problem, match="invalid_input"):
        scenario.approve(refund)
    assert (scenario.wallet, scenario.now(refund).state) == (SUM, RefundState.REQUESTED)
    assert scenario.approve(refund, reference="bank 4711").method is RefundMethod.BY_HAND
    assert (scenario.wallet, scenario.in_flight()) == (0, 0)
    assert scenario.network.books_balance()


def test_a_rentals_refund_goes_to_the_wallet_only(scenario: RefundScenario) -> None:
    scenario.top_up()
    _, payment = scenario.paid_rental_marked_failed()
    refund = scenario.request_refund(payment)
    for way in (RefundMethod.GATEWAY, RefundMethod.BY_HAND):
        with pytest.raises(Problem, match="invalid_input"):
            scenario.approve(refund, method=way, reference="x")
    assert scenario.approve(refund, method=RefundMethod.WALLET).state is RefundState.PROCESSED


def test_a_refund_is_one_line_and_its_payment_shows_refunded(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.UNKNOWN)
    assert lines(scenario) == [("topup", "success", SUM)]
    scenario.approve(refund)
    scenario.send()
    assert lines(scenario) == [("refund", "pending", -SUM), ("topup", "success", SUM)]
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.DONE)
    scenario.advance_hours(1)
    assert lines(scenario) == [("refund", "success", -SUM), ("topup", "refunded", SUM)]


def test_a_failed_refund_is_shown_as_failed(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.REFUSED)
    scenario.approve(refund)
    scenario.send()
    assert lines(scenario) == [("refund", "failed", -SUM), ("topup", "success", SUM)]


def lines(scenario: RefundScenario) -> list[tuple[str, str, int]]:
    page, _ = transactions.transactions(scenario.caller(), limit=20, before=None, matches=lambda _: True)
    return [(line.kind, line.status, line.wallet_paisa) for line in page]


def test_a_concurrent_refund_request_makes_a_deletion_retry(scenario: RefundScenario) -> None:
    transaction = scenario.top_up()
    before = account(scenario.user).version
    scenario.request_refund(transaction)
    assert account(scenario.user).version == before + 1
