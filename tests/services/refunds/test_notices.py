"""Notifications about a refund: each step once, and none after the account's deletion."""

from dataclasses import replace

import pytest

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.notifications.notification import Notification
from chalicelib.domain.payments.payment_gateway import GatewayRefundState, RefundStatus
from chalicelib.domain.payments.refund import Refund, RefundMethod
from chalicelib.domain.problems.problems import Problem
from chalicelib.services import outbox
from chalicelib.services.refunds import gateway_answers, payouts
from chalicelib.tables import accounts, notifications
from chalicelib.tables.atomic import atomic
from tests.engines.interleaving import interleave
from tests.scenarios.refund_scenario import SUM, RefundScenario
from tests.world.builders import account

UNKNOWN, DONE = RefundStatus(GatewayRefundState.UNKNOWN), RefundStatus(GatewayRefundState.DONE, "theirs")


def newest(scenario: RefundScenario) -> Notification:
    return notifications.newest(scenario.user, before=None, limit=1)[0]


def test_approval_and_payout_are_notified_and_pushed(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    assert scenario.notified(refund) == []
    scenario.approve(refund)
    assert scenario.notified(refund) == ["refund_granted"]
    assert newest(scenario).render("en").message == "Rs. 500 is on its way to the account you paid from."
    assert newest(scenario).data["transaction_id"] == refund.transaction_id
    scenario.send()
    assert scenario.notified(refund) == ["refund_granted", "refund_paid"]
    assert len(scenario.fake_world.queues.take(outbox.PUSH)) == 2


def test_a_refund_to_the_wallet_is_notified_with_its_points(scenario: RefundScenario) -> None:
    scenario.top_up(2_000)
    _, payment = scenario.paid_rental_marked_failed()
    refund = scenario.request_refund(payment)
    scenario.approve(refund)
    assert scenario.notified(refund) == ["refund_to_wallet"]
    assert newest(scenario).render("en").message == "Rs. 15 and 50 points are back in your account."


def test_a_refund_by_hand_is_notified_without_the_reference(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up(gateway="esewa"))
    scenario.approve(refund, reference="000AWEO", notes="an odd one")
    assert scenario.notified(refund) == ["refund_by_hand"]
    assert not {"000AWEO", "an odd one"} & set(newest(scenario).data.values())


def test_a_rejection_is_notified_with_the_listed_reason(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.reject(refund)
    assert scenario.notified(refund) == ["refund_rejected"]
    assert newest(scenario).render("en").message == "We couldn't approve your refund of Rs. 500. Reason: it was spent"


def test_a_failed_refund_is_notified_once(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = UNKNOWN
    scenario.approve(refund)
    scenario.send()
    sent = scenario.now(refund)
    for _ in range(3):
        gateway_answers.apply_status(
            scenario.world, sent, RefundStatus(GatewayRefundState.REFUSED, reason="too_late"), from_check=True
        )
    assert scenario.notified(refund) == ["refund_granted", "refund_returned"]
    assert scenario.wallet == SUM


def test_two_concurrent_outcomes_are_notified_once(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = UNKNOWN
    scenario.approve(refund)
    scenario.send()
    sent = scenario.now(refund)
    with interleave(lambda: gateway_answers.apply_status(scenario.world, sent, DONE, from_check=True)):
        gateway_answers.apply_status(scenario.world, sent, DONE, from_check=True)
    assert scenario.notified(refund) == ["refund_granted", "refund_paid"]
    scenario.advance_hours(1)
    assert len(scenario.notified(refund)) == 2


def test_a_second_approval_is_rejected_without_a_notification(scenario: RefundScenario) -> None:
    refund = scenario.request_refund(scenario.top_up())
    with interleave(lambda: scenario.approve(refund)), pytest.raises(Problem, match="refund_already_decided"):
        scenario.reject(refund)
    assert scenario.notified(refund) == ["refund_granted"]


@pytest.mark.parametrize(
    ("method", "kind"),
    [(RefundMethod.GATEWAY, "refund_paid"), (RefundMethod.BY_HAND, "refund_by_hand"), (None, "refund_returned")],
)
def test_a_manually_closed_refund_is_notified_too(
    scenario: RefundScenario, method: RefundMethod | None, kind: str
) -> None:
    refund = refund_for_manual_close(scenario)
    second = scenario.operator("second").caller(scenario.world)
    payouts.close(scenario.world, second, refund.refund_id, payouts.Closing(method, "bank 1", "odd"))
    assert scenario.notified(refund) == ["refund_granted", kind]
    assert not {"bank 1", "odd"} & set(newest(scenario).data.values())


def refund_for_manual_close(scenario: RefundScenario) -> Refund:
    refund = scenario.request_refund(scenario.top_up())
    scenario.fake_world.khalti.refund_status = RefundStatus(GatewayRefundState.BY_HAND)
    scenario.approve(refund)
    scenario.send()
    return refund


def test_refunds_of_a_deleted_account_send_no_notification(scenario: RefundScenario) -> None:
    approved, rejected = scenario.request_refund(scenario.top_up()), scenario.request_refund(scenario.top_up(10_000))
    atomic(scenario.world, lambda ops: accounts.save(ops, replace(account(scenario.user), status=Status.DELETED)))
    scenario.approve(approved)
    scenario.reject(rejected)
    scenario.send()
    assert (scenario.notified(approved), scenario.notified(rejected)) == ([], [])
    assert scenario.fake_world.queues.take(outbox.PUSH) == []
