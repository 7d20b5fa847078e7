"""Refunds: asked for of what is there, granted by somebody else, and paid back once."""

from dataclasses import replace

import pytest

from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.payment_gateway import Repaid, Repayment
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import RefundState, Way
from chalicelib.services import outbox as outbox_messages
from chalicelib.services.refunds import decisions
from chalicelib.services.refunds.decisions import Grant
from chalicelib.services.wallet import transactions
from chalicelib.tables import accounts, outbox
from chalicelib.tables.atomic import atomic
from tests.builders import account
from tests.desk import SUM, Desk
from tests.doors import everything


def test_a_topup_that_was_not_spent_goes_back_to_its_gateway_with_its_points(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    assert (refund.state, refund.amount_paisa, refund.points) == (RefundState.REQUESTED, SUM, 50)
    assert (desk.wallet, desk.points) == (SUM, 100)
    assert desk.approve(refund).state is RefundState.APPROVED
    assert (desk.wallet, desk.points, desk.in_flight()) == (0, 50, SUM)
    assert desk.street.books_balance()
    assert desk.send() == [True]
    (order,) = desk.scene.khalti.refunded
    assert (order.refund_id, order.amount_paisa, order.before_paisa) == (refund.refund_id, SUM, 0)
    assert desk.now(refund).state is RefundState.PROCESSED
    assert (desk.wallet, desk.points, desk.in_flight()) == (0, 50, 0)
    assert desk.street.books_balance()


def test_what_is_left_of_a_topup_goes_back_and_the_points_in_proportion(desk: Desk) -> None:
    transaction = desk.top_up(35_000)
    desk.spend()
    left = desk.wallet
    assert 30_000 <= left < 35_000
    # 350 rupees earned 30 points; the 300 and some that go back take 30 less what 50 or fewer would have earned.
    with pytest.raises(Problem, match="refund_points_spent"):
        desk.ask(transaction)
    desk.gift(40)
    refund = desk.ask(transaction)
    assert (refund.amount_paisa, refund.points) == (left, 30)
    desk.approve(refund)
    desk.send()
    assert (desk.wallet, desk.points) == (0, 10)
    assert desk.street.books_balance()


def test_points_go_at_the_rate_they_were_earned_at(desk: Desk) -> None:
    transaction = desk.top_up()
    desk.scene.settings = replace(desk.scene.settings, topup_points_per_100_rupees=1_000)
    assert desk.ask(transaction).points == 50


def test_while_a_topups_points_are_on_their_way_nothing_is_decided(desk: Desk) -> None:
    transaction = desk.top_up()
    late = outbox.Message(
        f"points:topup:{desk.ledger()[1].ref}", outbox_messages.POINTS, {}, desk.world.now(), desk.world.now()
    )
    atomic(desk.world, lambda ops: outbox.add(ops, late))
    with pytest.raises(Problem, match="busy"):
        desk.ask(transaction)


def test_a_topup_goes_back_in_parts_and_never_more_than_all_of_it(desk: Desk) -> None:
    first = desk.top_up(20_000)
    desk.spend()
    desk.gift(100)
    part = desk.ask(first)
    desk.approve(part)
    desk.send()
    assert desk.wallet == 0
    desk.top_up(100_000)
    rest = desk.ask(first)
    assert part.amount_paisa + rest.amount_paisa == 20_000
    assert part.points + rest.points == 20
    desk.approve(rest)
    desk.send()
    assert [order.before_paisa for order in desk.scene.khalti.refunded] == [0, part.amount_paisa]
    with pytest.raises(Problem, match="already_refunded"):
        desk.ask(first)
    assert desk.street.books_balance()


def test_one_request_for_a_payment_is_open_at_a_time(desk: Desk) -> None:
    transaction = desk.top_up()
    refund = desk.ask(transaction)
    with pytest.raises(Problem, match="refund_open"):
        desk.ask(transaction)
    assert [one.refund_id for one in decisions.open_of(desk.user)] == [refund.refund_id]
    assert desk.reject(refund).state is RefundState.REJECTED
    assert decisions.open_of(desk.user) == []
    assert desk.ask(transaction).state is RefundState.REQUESTED
    assert desk.street.books_balance()


def test_what_was_not_paid_in_is_not_refunded(desk: Desk) -> None:
    desk.top_up()
    desk.spend()
    before = everything()
    for posting in desk.ledger():
        if posting.kind is not PostingKind.TOPUP:
            with pytest.raises(Problem, match="not_refundable"):
                desk.ask(desk.name(posting))
    stranger = desk.street.customer()
    for nobodys in (f"{stranger}-1", f"{desk.user}-99", f"{desk.user}-01", f"{desk.user}-", "x", f"{desk.user}-1 "):
        with pytest.raises(Problem, match="not_found"):
            desk.ask(nobodys)
    after = {name: rows for name, rows in everything().items() if name in ("test-refunds", "test-refund_tallies")}
    assert after == {name: before[name] for name in after}


def test_a_topup_that_was_spent_is_not_refunded(desk: Desk) -> None:
    transaction = desk.top_up(1_500)
    desk.spend()
    assert desk.wallet == 0
    with pytest.raises(Problem, match="refund_spent"):
        desk.ask(transaction)


def test_a_topup_spent_between_request_and_grant_stays_undecided(desk: Desk) -> None:
    refund = desk.ask(desk.top_up(20_000))
    desk.spend()
    with pytest.raises(Problem, match="refund_spent"):
        desk.approve(refund)
    assert desk.now(refund).state is RefundState.REQUESTED
    assert desk.reject(refund).state is RefundState.REJECTED
    assert desk.street.books_balance()


def test_a_rentals_payment_goes_back_in_the_parts_it_came_from(desk: Desk) -> None:
    desk.top_up(2_000)
    rental, payment = desk.rental_that_failed_all_the_same()
    assert (desk.points, desk.wallet) == (0, 500)
    refund = desk.ask(payment)
    assert (refund.points, refund.amount_paisa) == (50, 1_500)
    assert desk.approve(refund).state is RefundState.PROCESSED
    assert (desk.points, desk.wallet) == (50, 2_000)
    assert (desk.street.rental(rental).points_paid, desk.street.rental(rental).wallet_paid_paisa) == (0, 0)
    assert desk.scene.khalti.refunded == []
    assert desk.scene.queues.take(outbox_messages.REFUNDS) == []
    with pytest.raises(Problem, match="already_refunded"):
        desk.ask(payment)
    # What came to nothing costs nothing: the audit had said so, and is content now.
    assert desk.street.books_balance()


def test_a_rental_that_went_well_is_not_refunded(desk: Desk) -> None:
    desk.top_up()
    desk.spend()
    payment = next(one for one in desk.ledger() if one.kind is PostingKind.SETTLE)
    with pytest.raises(Problem, match="not_refundable"):
        desk.ask(desk.name(payment))


def test_who_asks_does_not_decide(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    promoted = replace(account(desk.user), role=account(desk.operator().user_id).role)
    atomic(desk.world, lambda ops: accounts.save(ops, promoted))
    with pytest.raises(Problem, match="refund_own_request"):
        decisions.approve(desk.world, desk.caller(), refund.refund_id, Grant())
    with pytest.raises(Problem, match="refund_own_request"):
        decisions.reject(desk.world, desk.caller(), refund.refund_id, "why")
    assert desk.now(refund).state is RefundState.REQUESTED
    assert desk.approve(refund).state is RefundState.APPROVED


def test_a_decision_is_made_once(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.approve(refund)
    for again in (desk.approve, desk.reject):
        with pytest.raises(Problem, match="refund_already_decided"):
            again(refund)
    assert (desk.wallet, desk.in_flight()) == (0, SUM)


def test_esewas_money_is_paid_by_hand_under_a_reference(desk: Desk) -> None:
    refund = desk.ask(desk.top_up(gateway="esewa"))
    for grant in ({}, {"way": Way.GATEWAY}, {"way": Way.WALLET}, {"way": Way.BY_HAND}):
        with pytest.raises(Problem, match="invalid_input"):
            desk.approve(refund, **grant)
    done = desk.approve(refund, reference="000AWEO")
    assert (done.state, done.way, done.reference) == (RefundState.PROCESSED, Way.BY_HAND, "000AWEO")
    assert (desk.wallet, desk.in_flight(), desk.scene.esewa.refunded) == (0, 0, [])
    assert desk.street.books_balance()


def test_what_a_gateway_could_pay_may_be_paid_by_hand_and_then_it_is_never_called(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    assert desk.approve(refund, way=Way.BY_HAND, reference="bank 4711").state is RefundState.PROCESSED
    desk.hours_pass(2)
    assert desk.scene.khalti.refunded == []
    assert desk.street.books_balance()


def test_the_money_of_a_gateway_we_have_left_goes_back_by_hand_or_stays(desk: Desk) -> None:
    refund = desk.ask(desk.top_up(gateway="stripe"))
    desk.world = replace(desk.world, gateways={"khalti": desk.scene.khalti})
    with pytest.raises(Problem, match="invalid_input"):
        desk.approve(refund)
    assert (desk.wallet, desk.now(refund).state) == (SUM, RefundState.REQUESTED)
    assert desk.approve(refund, reference="bank 4711").way is Way.BY_HAND
    assert (desk.wallet, desk.in_flight()) == (0, 0)
    assert desk.street.books_balance()


def test_a_rentals_payment_goes_nowhere_but_to_the_wallet(desk: Desk) -> None:
    desk.top_up()
    _, payment = desk.rental_that_failed_all_the_same()
    refund = desk.ask(payment)
    for way in (Way.GATEWAY, Way.BY_HAND):
        with pytest.raises(Problem, match="invalid_input"):
            desk.approve(refund, way=way, reference="x")
    assert desk.approve(refund, way=Way.WALLET).state is RefundState.PROCESSED


def test_a_refund_is_one_line_and_what_wholly_went_back_says_so(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = Repayment(Repaid.UNKNOWN)
    assert lines(desk) == [("topup", "success", SUM)]
    desk.approve(refund)
    desk.send()
    assert lines(desk) == [("refund", "pending", -SUM), ("topup", "success", SUM)]
    desk.scene.khalti.repayment = Repayment(Repaid.DONE)
    desk.hours_pass(1)
    assert lines(desk) == [("refund", "success", -SUM), ("topup", "refunded", SUM)]


def test_a_refund_that_failed_is_told_as_failed(desk: Desk) -> None:
    refund = desk.ask(desk.top_up())
    desk.scene.khalti.repayment = Repayment(Repaid.REFUSED)
    desk.approve(refund)
    desk.send()
    assert lines(desk) == [("refund", "failed", -SUM), ("topup", "success", SUM)]


def lines(desk: Desk) -> list[tuple[str, str, int]]:
    page, _ = transactions.transactions(desk.world, desk.caller(), limit=20, before=None, wanted=lambda _: True)
    return [(line.kind, line.status, line.wallet_paisa) for line in page]


def test_a_refund_asked_for_makes_a_deletion_decide_anew(desk: Desk) -> None:
    transaction = desk.top_up()
    before = account(desk.user).version
    desk.ask(transaction)
    assert account(desk.user).version == before + 1
