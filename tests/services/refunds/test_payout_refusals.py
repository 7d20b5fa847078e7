"""A refund that its gateway refuses: the wallet has it back only when the customer has it surely from nobody else."""

import pytest

from chalicelib.domain.payment_gateway import NEVER_HAPPENED, Outcome, Paid, Repaid, Repayment
from chalicelib.domain.refund import Refund, RefundState
from tests.desk import SUM, Desk

TOO_LATE = Repayment(Repaid.REFUSED, reason="too_late")
NOBODY_TELLS = Repayment(Repaid.UNKNOWN, reason="no_answer")


def payment_is(desk: Desk, refund: Refund, paid: Paid) -> None:
    """What the gateway says of the payment itself from now on."""
    assert refund.intent_id is not None
    desk.scene.khalti.outcomes[refund.intent_id] = Outcome(paid, f"desk-{refund.intent_id}", SUM)


def refused(desk: Desk, *, seen: Repayment | None = None, payment: Paid = Paid.PAID) -> Refund:
    """Granted, sent and refused, while look-ups tell so much."""
    refund = desk.ask(desk.top_up())
    payment_is(desk, refund, payment)
    desk.scene.khalti.repayment, desk.scene.khalti.seen = TOO_LATE, seen
    desk.approve(refund)
    desk.send()
    return refund


def on_its_way(desk: Desk, refund: Refund) -> bool:
    state = desk.now(refund).state
    return (state, desk.wallet, desk.in_flight()) == (RefundState.APPROVED, 0, SUM)


@pytest.mark.parametrize("seen", [NOBODY_TELLS, Repayment(Repaid.PENDING)])
def test_while_nobody_tells_whether_another_hand_paid_the_wallet_does_not_have_it_back(
    desk: Desk, seen: Repayment
) -> None:
    refund = refused(desk, seen=seen)
    assert on_its_way(desk, refund)
    desk.scene.khalti.seen = Repayment(Repaid.DONE, "theirs")
    desk.hours_pass(1)
    assert (desk.now(refund).state, desk.wallet) == (RefundState.PROCESSED, 0)
    assert desk.street.books_balance()


def test_once_a_look_up_finds_nothing_the_refusal_stands(desk: Desk) -> None:
    refund = refused(desk, seen=NOBODY_TELLS)
    desk.scene.khalti.seen = Repayment(Repaid.REFUSED, reason=NEVER_HAPPENED)
    desk.hours_pass(2)
    assert (desk.now(refund).state, desk.now(refund).failure) == (RefundState.FAILED, "too_late")
    assert desk.wallet == SUM
    assert desk.street.books_balance()


def test_a_refusal_is_looked_into_as_one_that_has_surely_arrived(desk: Desk) -> None:
    refused(desk)
    assert [order.long_ago for order in desk.scene.khalti.refunds_looked] == [True]


def test_a_payment_that_somebody_gave_back_at_the_gateway_is_left_to_a_person(desk: Desk) -> None:
    refund = refused(desk, payment=Paid.REFUNDED)
    assert on_its_way(desk, refund)
    assert desk.now(refund).left_to_a_person
    desk.hours_pass(2)
    assert on_its_way(desk, refund)
    assert desk.street.books_balance()


def test_a_payment_of_which_nobody_tells_is_asked_after_again(desk: Desk) -> None:
    refund = refused(desk, payment=Paid.UNKNOWN)
    assert on_its_way(desk, refund)
    assert not desk.now(refund).left_to_a_person
    payment_is(desk, refund, Paid.PAID)
    desk.hours_pass(1)
    assert (desk.now(refund).state, desk.wallet) == (RefundState.FAILED, SUM)
    assert desk.street.books_balance()


def test_a_refusal_that_a_look_up_tells_of_is_looked_into_as_well(desk: Desk) -> None:
    refund = refused(desk, seen=NOBODY_TELLS)
    payment_is(desk, refund, Paid.REFUNDED)
    desk.scene.khalti.seen = TOO_LATE
    desk.hours_pass(1)
    assert on_its_way(desk, refund)
    assert desk.now(refund).left_to_a_person
