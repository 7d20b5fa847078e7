"""Granted refunds on their way: sent once, asked after until the gateway tells, else ended by a person."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from chalicelib.domain.payment_gateway import NEVER_HAPPENED, Repaid, Repayment
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import Refund, RefundState, Way
from chalicelib.services import outbox
from chalicelib.services.refunds import payouts
from chalicelib.world import PaymentGateway
from tests.desk import SUM, Desk


def test_a_gateway_that_refuses_leaves_the_money_in_the_wallet(desk: Desk) -> None:
    transaction = desk.top_up()
    refund = desk.ask(transaction)
    desk.scene.khalti.repayment = Repayment(Repaid.REFUSED, reason="too_late")
    desk.approve(refund)
    desk.send()
    assert (desk.now(refund).state, desk.now(refund).failure) == (RefundState.FAILED, "too_late")
    assert (desk.wallet, desk.points, desk.in_flight()) == (SUM, 100, 0)
    assert desk.street.books_balance()
    assert desk.ask(transaction).amount_paisa == SUM


def test_one_that_another_hand_has_paid_by_then_is_not_given_back_too(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = Repayment(Repaid.REFUSED, reason="validation_error")
    desk.scene.khalti.seen = Repayment(Repaid.DONE, "theirs")
    desk.approve(refund)
    desk.send()
    assert (desk.now(refund).state, desk.wallet) == (RefundState.PROCESSED, 0)
    assert desk.street.books_balance()


@pytest.mark.long
@pytest.mark.parametrize("said", [Repaid.UNKNOWN, Repaid.PENDING])
def test_what_is_not_known_is_looked_up_and_never_sent_again(desk: Desk, said: Repaid) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = Repayment(said)
    desk.approve(refund)
    desk.send()
    looks = desk.hours_pass(80)
    assert len(desk.scene.khalti.refunded) == 1
    gaps = [later - earlier for earlier, later in itertools.pairwise(looks)]
    assert gaps == sorted(gaps)
    assert 60 < looks[-1].total_seconds() / 3600 <= 72
    assert (desk.now(refund).state, desk.now(refund).left_to_a_person) == (RefundState.APPROVED, True)
    assert (desk.wallet, desk.in_flight()) == (0, SUM)
    assert desk.street.books_balance()


def test_a_look_up_that_finds_it_paid_ends_it(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = Repayment(Repaid.UNKNOWN)
    desk.approve(refund)
    desk.send()
    desk.scene.khalti.repayment = Repayment(Repaid.DONE, "theirs")
    desk.hours_pass(1)
    assert (desk.now(refund).state, desk.now(refund).reference) == (RefundState.PROCESSED, "theirs")
    assert len(desk.scene.khalti.refunded) == 1
    assert desk.street.books_balance()


NOTHING = Repayment(Repaid.REFUSED, reason=NEVER_HAPPENED)


def test_that_nothing_was_found_is_believed_only_when_no_sender_can_be_under_way(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = Repayment(Repaid.UNKNOWN)
    desk.approve(refund)
    desk.send()
    desk.scene.khalti.repayment = NOTHING
    for _ in range(9):
        desk.scene.clock.pass_(minutes=2)
        payouts.sweep(desk.world)
        assert desk.now(refund).sent_at is not None
    looked = desk.scene.khalti.refunds_looked
    assert {order.long_ago for order in looked} == {False}
    desk.hours_pass(1, step_minutes=5)
    assert looked[-1].long_ago
    assert len(desk.scene.khalti.refunded) > 1


@pytest.mark.long
def test_a_gateway_that_is_away_is_sent_it_again_and_after_three_days_a_person_sees_to_it(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = NOTHING
    desk.approve(refund)
    desk.send()
    assert (desk.now(refund).state, desk.now(refund).sent_at) == (RefundState.APPROVED, None)
    desk.hours_pass(6)
    assert 10 < len(desk.scene.khalti.refunded) < 25
    assert desk.street.books_balance()
    desk.hours_pass(70, step_minutes=30)
    assert desk.now(refund).left_to_a_person
    assert (close(desk, refund.refund_id, None), desk.wallet) == (RefundState.FAILED, SUM)
    assert desk.street.books_balance()


def test_a_late_answer_about_an_earlier_sending_decides_nothing(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = NOTHING
    desk.approve(refund)
    desk.send()
    desk.scene.khalti.repayment = Repayment(Repaid.UNKNOWN)
    earlier = replace(desk.now(refund), sent_at=desk.world.now())
    desk.scene.clock.pass_(minutes=2)
    outbox.sweep(desk.world)
    desk.send()
    under_way = desk.now(refund)
    for late in (NOTHING, Repayment(Repaid.REFUSED, reason="too_late"), Repayment(Repaid.UNKNOWN)):
        payouts.take_in(desk.world, earlier, late, looked=False)
        assert desk.now(refund) == under_way


@dataclass
class HeldUp(Mapping[str, PaymentGateway]):
    """Whoever reaches for the gateway to send comes to a minute later."""

    desk: Desk
    refund: Refund

    def __getitem__(self, name: str) -> PaymentGateway:
        if self.desk.now(self.refund).sent_at is not None:
            self.desk.scene.clock.pass_(minutes=1)
        return self.desk.world.gateways[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.desk.world.gateways)

    def __len__(self) -> int:
        return len(self.desk.world.gateways)


def test_a_sender_that_was_held_up_does_not_send_any_more(desk: Desk) -> None:
    gateway = desk.honest()
    refund = desk.ask(desk.top_up())
    desk.approve(refund)
    (body,) = desk.scene.queues.take(outbox.REFUNDS)
    payouts.deliver(replace(desk.world, gateways=HeldUp(desk, refund)), body)
    assert gateway.refunded == []
    desk.hours_pass(1)
    assert (desk.now(refund).state, len(gateway.refunded)) == (RefundState.PROCESSED, 1)


def test_the_message_of_a_grant_sends_it_once_however_often_it_comes(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = Repayment(Repaid.UNKNOWN)
    desk.approve(refund)
    (body,) = desk.scene.queues.take(outbox.REFUNDS)
    assert [payouts.deliver(desk.world, body) for _ in range(3)] == [True, False, False]
    assert len(desk.scene.khalti.refunded) == 1


def test_a_grant_whose_message_was_lost_is_sent_all_the_same(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.queues.away = True
    desk.approve(refund)
    desk.scene.queues.away = False
    desk.hours_pass(1)
    assert desk.now(refund).state is RefundState.PROCESSED
    assert len(desk.scene.khalti.refunded) == 1


def left_open(desk: Desk) -> str:
    """A refund of which no look-up tells."""
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = Repayment(Repaid.UNKNOWN)
    desk.approve(refund)
    desk.send()
    with pytest.raises(Problem, match="refund_in_progress"):
        close(desk, refund.refund_id, None)
    desk.hours_pass(80, step_minutes=60)
    return refund.refund_id


def close(desk: Desk, refund_id: str, way: Way | None) -> RefundState:
    caller = desk.operator("second").caller(desk.world)
    return payouts.close(desk.world, caller, refund_id, way=way, reference="ref-1", notes="seen there").state


@pytest.mark.parametrize(("way", "wallet"), [(Way.GATEWAY, 0), (Way.BY_HAND, 0), (None, SUM)])
def test_what_no_look_up_tells_is_ended_once_by_an_operators_word(desk: Desk, way: Way | None, wallet: int) -> None:
    refund_id = left_open(desk)
    assert close(desk, refund_id, way) is (RefundState.PROCESSED if way else RefundState.FAILED)
    assert (desk.wallet, desk.in_flight()) == (wallet, 0)
    with pytest.raises(Problem, match="refund_already_decided"):
        close(desk, refund_id, way)
    assert desk.street.books_balance()


def test_the_gateways_word_counts_before_an_operators(desk: Desk) -> None:
    refund_id = left_open(desk)
    desk.scene.khalti.repayment = Repayment(Repaid.DONE, "theirs")
    assert close(desk, refund_id, None) is RefundState.PROCESSED
    assert desk.wallet == 0
    assert desk.street.books_balance()


def test_a_gateway_that_cannot_after_all_leaves_it_to_a_person(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = Repayment(Repaid.BY_HAND)
    desk.approve(refund)
    desk.send()
    assert desk.now(refund).left_to_a_person
    assert close(desk, refund.refund_id, Way.BY_HAND) is RefundState.PROCESSED
    assert desk.street.books_balance()


def test_what_was_on_its_way_to_a_gateway_we_have_left_is_ended_by_a_person(desk: Desk) -> None:
    refund = desk.ask(desk.top_up(gateway="stripe"))
    desk.approve(refund)
    desk.world = replace(desk.world, gateways={"khalti": desk.scene.khalti})
    desk.hours_pass(80, step_minutes=60)
    assert desk.now(refund).left_to_a_person
    assert desk.in_flight() == SUM
    assert close(desk, refund.refund_id, Way.BY_HAND) is RefundState.PROCESSED
    desk.hours_pass(1)
    assert desk.in_flight() == 0
    assert desk.street.books_balance()
