"""KYC submissions, refunds and balance additions are decided once, by an operator who is on record."""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.domain.money.balance_addition import BalanceAddition
from chalicelib.domain.operators.operator_decision import DecidedByOperator
from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.refund import Refund, RefundMethod, RefundState, totals_after
from chalicelib.domain.payments.refund_totals import RefundTotals
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.users.kyc import KycSubmission

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REFUND = Refund("r", "customer", 1, 100, 5, "why", "customer", NOW, gateway="khalti")
SUBMISSION = KycSubmission("customer", "citizenship", "sealed", "key", "Kaski", "2050-01-01", "f", "jpg", NOW)
OPEN = RefundTotals("customer", 1, open_refund_id="r")


def test_the_first_decision_is_on_record() -> None:
    refund = REFUND.decided(by="operator", at=NOW, notes="n").rejected(NOW)
    submission = SUBMISSION.decided(True, by="operator", at=NOW, reason=None)
    for item in (refund, submission):
        assert (item.decided_by, item.decided_at, item.awaits_decision) == ("operator", NOW, False)


@pytest.mark.parametrize(
    ("decided", "code", "details"),
    [
        (REFUND.rejected(NOW), "refund_already_decided", {"status": "rejected"}),
        (
            SUBMISSION.decided(False, by="operator", at=NOW, reason="blurred"),
            "kyc_already_decided",
            {"kyc_status": "rejected"},
        ),
    ],
)
def test_a_second_decision_is_refused_with_the_state(
    decided: DecidedByOperator, code: str, details: dict[str, str]
) -> None:
    with pytest.raises(Problem) as refused:
        decided.marked_decided(by="another", at=NOW)
    assert (refused.value.code, refused.value.details) == (code, details)


def test_totals_follow_each_step_of_a_refund() -> None:
    approved = REFUND.approved(RefundMethod.GATEWAY, 0)
    processed, failed = approved.processed(NOW, "ref"), approved.failed(NOW, "refused")
    in_flight = totals_after(OPEN, REFUND, approved)
    assert in_flight == RefundTotals("customer", 1, 100, 5, 0, "r")
    assert totals_after(in_flight, approved, processed) == RefundTotals("customer", 1, 100, 5, 100)
    assert totals_after(in_flight, approved, failed) == RefundTotals("customer", 1)
    assert totals_after(OPEN, REFUND, REFUND.rejected(NOW)) == RefundTotals("customer", 1)


def test_what_an_operator_pays_is_not_counted_as_paid_by_the_gateway() -> None:
    approved = REFUND.approved(RefundMethod.BY_HAND, 0)
    processed = approved.processed(NOW, "ref")
    assert processed.state is RefundState.PROCESSED
    assert totals_after(OPEN, REFUND, processed) == RefundTotals("customer", 1, 100, 5)


@pytest.mark.parametrize("approver", ["requester", "customer"])
def test_an_addition_is_not_decided_by_who_asked_for_it_or_gets_it(approver: str) -> None:
    addition = BalanceAddition("a", "customer", 100, "why", "requester", NOW)
    requester = Account("requester", role=Role.SUPER_ADMIN)
    with pytest.raises(Problem, match="addition_own_request"):
        addition.decided(Account(approver, role=Role.SUPER_ADMIN), requester, NOW)
