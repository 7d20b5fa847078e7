"""A refund that its gateway rejects returns to the wallet only if the customer surely did not get it otherwise."""

import pytest

from chalicelib.domain.payments.payment_gateway import (
    NOT_EXECUTED,
    GatewayRefundState,
    PaymentState,
    PaymentStatus,
    RefundStatus,
)
from chalicelib.domain.payments.refund import Refund, RefundState
from tests.scenarios.refund_scenario import SUM, RefundScenario

TOO_LATE = RefundStatus(GatewayRefundState.REFUSED, reason="too_late")
NO_ANSWER = RefundStatus(GatewayRefundState.UNKNOWN, reason="no_answer")


def payment_is(scenario: RefundScenario, refund: Refund, state: PaymentState) -> None:
    """Set the gateway's status of the payment itself."""
    assert refund.intent_id is not None
    scenario.fake_world.khalti.payment_statuses[refund.intent_id] = PaymentStatus(
        state, f"refund-{refund.intent_id}", SUM
    )


def refused(
    scenario: RefundScenario, *, refund_status: RefundStatus | None = None, payment: PaymentState = PaymentState.PAID
) -> Refund:
    """A refund that was approved, sent and rejected, with these statuses of queries."""
    refund = scenario.request_refund(scenario.top_up())
    payment_is(scenario, refund, payment)
    scenario.fake_world.khalti.refund_status, scenario.fake_world.khalti.checked_refund_status = (
        TOO_LATE,
        refund_status,
    )
    scenario.approve(refund)
    scenario.send()
    return refund


def refused_by_a_later_query(scenario: RefundScenario, *, payment: PaymentState) -> Refund:
    """A refund whose rejection its gateway reports an hour after the sending, while the payment has this state."""
    refund = refused(scenario, refund_status=NO_ANSWER)
    payment_is(scenario, refund, payment)
    scenario.fake_world.khalti.checked_refund_status = TOO_LATE
    scenario.advance_hours(1)
    return refund


def on_its_way(scenario: RefundScenario, refund: Refund) -> bool:
    state = scenario.now(refund).state
    return (state, scenario.wallet, scenario.in_flight()) == (RefundState.APPROVED, 0, SUM)


@pytest.mark.parametrize("refund_status", [NO_ANSWER, RefundStatus(GatewayRefundState.PENDING)])
def test_a_rejected_refund_with_an_unknown_payment_is_not_returned(
    scenario: RefundScenario, refund_status: RefundStatus
) -> None:
    refund = refused(scenario, refund_status=refund_status)
    assert on_its_way(scenario, refund)
    scenario.fake_world.khalti.checked_refund_status = RefundStatus(GatewayRefundState.DONE, "theirs")
    scenario.advance_hours(1)
    assert (scenario.now(refund).state, scenario.wallet) == (RefundState.PROCESSED, 0)
    assert scenario.network.books_balance()


def test_a_rejection_stands_once_a_query_finds_no_refund(scenario: RefundScenario) -> None:
    refund = refused(scenario, refund_status=NO_ANSWER)
    scenario.fake_world.khalti.checked_refund_status = RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)
    scenario.advance_hours(2)
    assert (scenario.now(refund).state, scenario.now(refund).failure) == (RefundState.FAILED, "too_late")
    assert scenario.wallet == SUM
    assert scenario.network.books_balance()


def test_a_rejection_is_checked_like_an_executed_send(scenario: RefundScenario) -> None:
    refused(scenario)
    assert [request.past_grace for request in scenario.fake_world.khalti.refunds_fetched] == [True]


def test_a_payment_refunded_at_the_portal_is_left_to_a_person(scenario: RefundScenario) -> None:
    refund = refused(scenario, payment=PaymentState.REFUNDED)
    assert on_its_way(scenario, refund)
    assert scenario.now(refund).needs_manual_close
    scenario.advance_hours(2)
    assert on_its_way(scenario, refund)
    assert scenario.network.books_balance()


def test_an_unknown_payment_is_checked_again(scenario: RefundScenario) -> None:
    refund = refused(scenario, payment=PaymentState.UNKNOWN)
    assert on_its_way(scenario, refund)
    assert not scenario.now(refund).needs_manual_close
    payment_is(scenario, refund, PaymentState.PAID)
    scenario.advance_hours(1)
    assert (scenario.now(refund).state, scenario.wallet) == (RefundState.FAILED, SUM)
    assert scenario.network.books_balance()


def test_a_rejection_found_by_a_query_is_checked_too(scenario: RefundScenario) -> None:
    refund = refused_by_a_later_query(scenario, payment=PaymentState.REFUNDED)
    assert on_its_way(scenario, refund)
    assert scenario.now(refund).needs_manual_close


def test_a_rejection_waits_while_the_gateway_does_not_tell_about_the_payment(scenario: RefundScenario) -> None:
    refund = refused_by_a_later_query(scenario, payment=PaymentState.UNKNOWN)
    assert on_its_way(scenario, refund)
    assert not scenario.now(refund).needs_manual_close
    payment_is(scenario, refund, PaymentState.PAID)
    scenario.advance_hours(2)
    assert (scenario.now(refund).state, scenario.wallet) == (RefundState.FAILED, SUM)
    assert scenario.network.books_balance()
