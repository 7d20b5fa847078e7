"""Approved refunds: sent once, checked until the gateway answers, else closed by a person."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from chalicelib.domain.payments.payment_gateway import NOT_EXECUTED, GatewayRefundState, RefundStatus
from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.refunds import gateway_answers, payouts
from chalicelib.world import PaymentGateway
from tests.scenarios.refund_scenario import SUM, RefundScenario


def test_a_rejected_refund_returns_the_money_to_the_wallet(scenario: RefundScenario) -> None:
    transaction = scenario.top_up()
    refund = scenario.request_refund(transaction)
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.REFUSED, reason="too_late")
    scenario.approve(refund)
    scenario.send()
    assert (scenario.now(refund).state, scenario.now(refund).failure) == (RefundState.FAILED, "too_late")
    assert (scenario.wallet, scenario.points, scenario.in_flight()) == (SUM, 100, 0)
    assert scenario.network.books_balance()
    assert scenario.request_refund(transaction).amount_paisa == SUM


def test_a_refund_paid_at_the_portal_is_not_returned_too(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.REFUSED, reason="validation_error")
    scenario.fake_world.khalti.checked_refund_status = RefundStatus(GatewayRefundState.DONE, "theirs")
    scenario.approve(refund)
    scenario.send()
    assert (scenario.now(refund).state, scenario.wallet) == (RefundState.PROCESSED, 0)
    assert scenario.network.books_balance()


@pytest.mark.long
@pytest.mark.parametrize("state", [GatewayRefundState.UNKNOWN, GatewayRefundState.PENDING])
def test_an_unknown_refund_is_queried_and_never_resent(scenario: RefundScenario, state: GatewayRefundState) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = RefundStatus(state)
    scenario.approve(refund)
    scenario.send()
    looks = scenario.advance_hours(80)
    assert len(scenario.fake_world.khalti.refunded) == 1
    gaps = [later - earlier for earlier, later in itertools.pairwise(looks)]
    assert gaps == sorted(gaps)
    assert 60 < looks[-1].total_seconds() / 3600 <= 72
    assert (scenario.now(refund).state, scenario.now(refund).needs_manual_close) == (RefundState.APPROVED, True)
    assert (scenario.wallet, scenario.in_flight()) == (0, SUM)
    assert scenario.network.books_balance()


def test_a_query_that_finds_it_paid_ends_the_refund(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.UNKNOWN)
    scenario.approve(refund)
    scenario.send()
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.DONE, "theirs")
    scenario.advance_hours(1)
    assert (scenario.now(refund).state, scenario.now(refund).reference) == (RefundState.PROCESSED, "theirs")
    assert len(scenario.fake_world.khalti.refunded) == 1
    assert scenario.network.books_balance()


NOT_FOUND = RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)


def test_a_missing_refund_counts_only_after_every_sender_has_ended(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.UNKNOWN)
    scenario.approve(refund)
    scenario.send()
    scenario.fake_world.khalti.refund_status = NOT_FOUND
    for _ in range(9):
        scenario.fake_world.clock.advance(minutes=2)
        payouts.sweep(scenario.world)
        assert scenario.now(refund).sent_at is not None
    requests = scenario.fake_world.khalti.refunds_fetched
    assert {request.past_grace for request in requests} == {False}
    scenario.advance_hours(1, step_minutes=5)
    assert requests[-1].past_grace
    assert len(scenario.fake_world.khalti.refunded) > 1


@pytest.mark.long
def test_an_unavailable_gateway_is_retried_and_then_left_to_a_person(
    scenario: RefundScenario,
) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = NOT_FOUND
    scenario.approve(refund)
    scenario.send()
    assert (scenario.now(refund).state, scenario.now(refund).sent_at) == (RefundState.APPROVED, None)
    scenario.advance_hours(6)
    assert 10 < len(scenario.fake_world.khalti.refunded) < 25
    assert scenario.network.books_balance()
    scenario.advance_hours(70, step_minutes=30)
    assert scenario.now(refund).needs_manual_close
    assert (close(scenario, refund.refund_id, None), scenario.wallet) == (RefundState.FAILED, SUM)
    assert scenario.network.books_balance()


def test_a_late_answer_about_an_earlier_send_decides_nothing(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = NOT_FOUND
    scenario.approve(refund)
    scenario.send()
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.UNKNOWN)
    earlier = replace(scenario.now(refund), sent_at=scenario.world.now())
    scenario.fake_world.clock.advance(minutes=2)
    outbox.sweep(scenario.world)
    scenario.send()
    under_way = scenario.now(refund)
    for late in (
        NOT_FOUND,
        RefundStatus(GatewayRefundState.REFUSED, reason="too_late"),
        RefundStatus(GatewayRefundState.UNKNOWN),
    ):
        gateway_answers.apply_status(scenario.world, earlier, late, from_check=False)
        assert scenario.now(refund) == under_way


@dataclass
class HeldUp(Mapping[str, PaymentGateway]):
    """Gateways that a sender reaches a minute late."""

    scenario: RefundScenario
    refund: Refund

    def __getitem__(self, name: str) -> PaymentGateway:
        if self.scenario.now(self.refund).sent_at is not None:
            self.scenario.fake_world.clock.advance(minutes=1)
        return self.scenario.world.gateways[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scenario.world.gateways)

    def __len__(self) -> int:
        return len(self.scenario.world.gateways)


def test_a_delayed_sender_does_not_send(scenario: RefundScenario) -> None:
    gateway = scenario.use_truthful_gateway()
    refund = scenario.request_refund(scenario.top_up())
    scenario.approve(refund)
    (body,) = scenario.fake_world.queues.take(outbox.REFUNDS)
    payouts.deliver(replace(scenario.world, gateways=HeldUp(scenario, refund)), body)
    assert gateway.refunded == []
    scenario.advance_hours(1)
    assert (scenario.now(refund).state, len(gateway.refunded)) == (RefundState.PROCESSED, 1)


def test_a_repeated_message_sends_the_refund_once(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.UNKNOWN)
    scenario.approve(refund)
    (body,) = scenario.fake_world.queues.take(outbox.REFUNDS)
    assert [payouts.deliver(scenario.world, body) for _ in range(3)] == [True, False, False]
    assert len(scenario.fake_world.khalti.refunded) == 1


def test_an_approval_with_a_lost_message_is_sent(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.queues.unavailable = True
    scenario.approve(refund)
    scenario.fake_world.queues.unavailable = False
    scenario.advance_hours(1)
    assert scenario.now(refund).state is RefundState.PROCESSED
    assert len(scenario.fake_world.khalti.refunded) == 1


def left_open(scenario: RefundScenario) -> str:
    """A refund whose status stays unknown."""
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.UNKNOWN)
    scenario.approve(refund)
    scenario.send()
    with pytest.raises(Problem, match="refund_in_progress"):
        close(scenario, refund.refund_id, None)
    scenario.advance_hours(80, step_minutes=60)
    return refund.refund_id


def close(scenario: RefundScenario, refund_id: str, method: RefundMethod | None) -> RefundState:
    caller = scenario.operator("second").caller(scenario.world)
    return payouts.close(scenario.world, caller, refund_id, payouts.Closing(method, "ref-1", "seen there")).state


@pytest.mark.parametrize(("method", "wallet"), [(RefundMethod.GATEWAY, 0), (RefundMethod.BY_HAND, 0), (None, SUM)])
def test_an_unknown_refund_is_closed_once_by_an_operator(
    scenario: RefundScenario, method: RefundMethod | None, wallet: int
) -> None:
    refund_id = left_open(scenario)
    assert close(scenario, refund_id, method) is (RefundState.PROCESSED if method else RefundState.FAILED)
    assert (scenario.wallet, scenario.in_flight()) == (wallet, 0)
    with pytest.raises(Problem, match="refund_already_decided"):
        close(scenario, refund_id, method)
    assert scenario.network.books_balance()


def test_the_gateways_answer_counts_before_an_operators(scenario: RefundScenario) -> None:
    refund_id = left_open(scenario)
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.DONE, "theirs")
    assert close(scenario, refund_id, None) is RefundState.PROCESSED
    assert scenario.wallet == 0
    assert scenario.network.books_balance()


def test_a_refund_that_must_be_paid_by_hand_waits_for_an_operator(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.BY_HAND)
    scenario.approve(refund)
    scenario.send()
    assert scenario.now(refund).needs_manual_close
    assert close(scenario, refund.refund_id, RefundMethod.BY_HAND) is RefundState.PROCESSED
    assert scenario.network.books_balance()


def test_a_refund_at_a_retired_gateway_is_closed_by_a_person(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up(gateway="stripe"))
    scenario.approve(refund)
    scenario.world = replace(scenario.world, gateways={"khalti": scenario.fake_world.khalti})
    scenario.advance_hours(80, step_minutes=60)
    assert scenario.now(refund).needs_manual_close
    assert scenario.in_flight() == SUM
    assert close(scenario, refund.refund_id, RefundMethod.BY_HAND) is RefundState.PROCESSED
    scenario.advance_hours(1)
    assert scenario.in_flight() == 0
    assert scenario.network.books_balance()
