"""What a customer hears of a refund: each thing that happens to it once, and nothing once the account is gone."""

from dataclasses import replace

import pytest

from chalicelib.domain.account import Status
from chalicelib.domain.notification import Notification
from chalicelib.domain.payment_gateway import Repaid, Repayment
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import Refund, Way
from chalicelib.services import outbox
from chalicelib.services.refunds import payouts
from chalicelib.tables import accounts, notifications
from chalicelib.tables.atomic import atomic
from tests.builders import account
from tests.desk import SUM, Desk
from tests.meanwhile import meanwhile

UNKNOWN, DONE = Repayment(Repaid.UNKNOWN), Repayment(Repaid.DONE, "theirs")


def newest(desk: Desk) -> Notification:
    return notifications.newest(desk.user, before=None, limit=1)[0]


def test_the_grant_and_the_arrival_are_told_and_pushed(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    assert desk.told(refund) == []
    desk.approve(refund)
    assert desk.told(refund) == ["refund_granted"]
    assert newest(desk).words("en").message == "Rs. 500.00 is on its way back to where you paid from."
    assert newest(desk).data["transaction_id"] == refund.transaction_id
    desk.send()
    assert desk.told(refund) == ["refund_granted", "refund_paid"]
    assert len(desk.scene.queues.take(outbox.PUSH)) == 2


def test_what_is_in_the_wallet_is_told_with_its_points(desk: Desk) -> None:
    desk.top_up(2_000)
    _, payment = desk.rental_that_failed_all_the_same()
    refund = desk.ask(payment)
    desk.approve(refund)
    assert desk.told(refund) == ["refund_to_wallet"]
    assert newest(desk).words("en").message == "Rs. 15.00 and 50 points are back in your wallet."


def test_what_was_paid_by_hand_is_told_without_the_reference(desk: Desk) -> None:
    refund = desk.ask(desk.top_up(gateway="esewa"))
    desk.approve(refund, reference="000AWEO", notes="an odd one")
    assert desk.told(refund) == ["refund_by_hand"]
    assert not {"000AWEO", "an odd one"} & set(newest(desk).data.values())


def test_a_refusal_is_told_with_its_reason_as_the_list_of_refunds_has_it(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.reject(refund)
    assert desk.told(refund) == ["refund_rejected"]
    assert newest(desk).words("en").message == "Your refund of Rs. 500.00 was refused: it was spent"


def test_one_that_did_not_go_out_is_told_once_however_often_the_gateway_says_so(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = UNKNOWN
    desk.approve(refund)
    desk.send()
    sent = desk.now(refund)
    for _ in range(3):
        payouts.take_in(desk.world, sent, Repayment(Repaid.REFUSED, reason="too_late"), looked=True)
    assert desk.told(refund) == ["refund_granted", "refund_returned"]
    assert desk.wallet == SUM


def test_two_answers_at_once_are_told_once(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = UNKNOWN
    desk.approve(refund)
    desk.send()
    sent = desk.now(refund)
    with meanwhile(lambda: payouts.take_in(desk.world, sent, DONE, looked=True)):
        payouts.take_in(desk.world, sent, DONE, looked=True)
    assert desk.told(refund) == ["refund_granted", "refund_paid"]
    desk.hours_pass(1)
    assert len(desk.told(refund)) == 2


def test_a_second_grant_is_refused_and_not_told(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    with meanwhile(lambda: desk.approve(refund)), pytest.raises(Problem, match="refund_already_decided"):
        desk.reject(refund)
    assert desk.told(refund) == ["refund_granted"]


@pytest.mark.parametrize(
    ("way", "kind"), [(Way.GATEWAY, "refund_paid"), (Way.BY_HAND, "refund_by_hand"), (None, "refund_returned")]
)
def test_what_an_operator_found_out_is_told_as_well(desk: Desk, way: Way | None, kind: str) -> None:
    refund = left_to_a_person(desk)
    second = desk.operator("second").caller(desk.world)
    payouts.close(desk.world, second, refund.refund_id, way=way, reference="bank 1", notes="odd")
    assert desk.told(refund) == ["refund_granted", kind]
    assert not {"bank 1", "odd"} & set(newest(desk).data.values())


def left_to_a_person(desk: Desk) -> Refund:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = Repayment(Repaid.BY_HAND)
    desk.approve(refund)
    desk.send()
    return refund


def test_nobody_is_told_of_a_deleted_accounts_refunds(desk: Desk) -> None:
    granted, rejected = desk.ask(desk.top_up()), desk.ask(desk.top_up(10_000))
    atomic(desk.world, lambda ops: accounts.save(ops, replace(account(desk.user), status=Status.DELETED)))
    desk.approve(granted)
    desk.reject(rejected)
    desk.send()
    assert (desk.told(granted), desk.told(rejected)) == ([], [])
    assert desk.scene.queues.take(outbox.PUSH) == []
