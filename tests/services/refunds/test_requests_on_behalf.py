"""Refunds that an operator opens: for a customer who rang up, and for late money of an account that is gone."""

from dataclasses import dataclass, replace
from io import StringIO

import pytest

from chalicelib.domain.account import Status
from chalicelib.domain.ledger import PostingKind
from chalicelib.domain.payment_gateway import Outcome, Paid, Repaid, Repayment
from chalicelib.domain.problems import Problem
from chalicelib.domain.refund import ERASED, Refund, RefundState, Way
from chalicelib.services.refunds import payouts
from chalicelib.services.topups import crediting, intents
from chalicelib.services.users import deletion, erasure
from chalicelib.tables import accounts
from chalicelib.tables.atomic import atomic
from tests.books import alarms
from tests.builders import account
from tests.desk import SUM, Desk
from tests.doors import everything
from tests.leaver import Leaver
from tests.meanwhile import meanwhile

RANG_UP = "Maya Canary rang up"


def where(words: str) -> set[str]:
    return {table for table, rows in everything().items() if any(words in row for row in rows)}


def test_what_an_operator_opened_goes_back_and_the_customer_sees_it(desk: Desk) -> None:
    refund = desk.ask_for_them(desk.top_up())
    support = desk.operator("support").user_id
    assert (refund.user_id, refund.requested_by, refund.state) == (desk.user, support, RefundState.REQUESTED)
    assert where(refund.refund_id) >= {"test-refunds", "test-refund_tallies", "test-audit_log"}
    desk.approve(refund)
    desk.send()
    assert (desk.now(refund).state, desk.wallet) == (RefundState.PROCESSED, 0)
    assert (desk.now(refund).reason, desk.told(refund)) == ("they rang up", ["refund_granted", "refund_paid"])
    assert desk.street.books_balance()


def test_who_opened_it_decides_nothing_about_it(desk: Desk) -> None:
    refund = desk.ask_for_them(desk.top_up())
    with pytest.raises(Problem, match="refund_own_request"):
        desk.approve(refund, by="support")
    promoted = replace(account(desk.user), role=account(desk.operator().user_id).role)
    atomic(desk.world, lambda ops: accounts.save(ops, promoted))
    desk.operators["the customer"] = desk.street.sessions[desk.user]
    with pytest.raises(Problem, match="refund_own_request"):
        desk.approve(refund, by="the customer")
    assert desk.approve(refund).state is RefundState.APPROVED


def test_one_is_open_at_a_time_whoever_asks(desk: Desk) -> None:
    transaction = desk.top_up()
    desk.ask_for_them(transaction)
    for ask in (desk.ask, desk.ask_for_them):
        with pytest.raises(Problem, match="refund_open"):
            ask(transaction)
    other = desk.top_up()
    with meanwhile(lambda: desk.ask(other)), pytest.raises(Problem, match="refund_open"):
        desk.ask_for_them(other)


def test_what_names_no_payment_is_not_found_and_changes_nothing(desk: Desk) -> None:
    desk.top_up()
    desk.operator("support")
    before = everything()
    for nobodys in (f"{desk.user}-99", f"{desk.user}-01", f"{desk.user}-", "x", "x-1", "-1", "-", f"{desk.user}-1 "):
        with pytest.raises(Problem, match="not_found"):
            desk.ask_for_them(nobodys)
    assert everything() == before


def test_an_account_with_a_refund_opened_for_it_is_not_deleted_meanwhile(desk: Desk) -> None:
    transaction = desk.top_up()
    with meanwhile(lambda: desk.ask_for_them(transaction)), pytest.raises(Problem, match="refund_open"):
        leave(desk)
    assert account(desk.user).status is Status.ACTIVE


def test_one_opened_while_the_account_goes_finds_nothing_left(desk: Desk) -> None:
    transaction = desk.top_up()
    with meanwhile(lambda: leave(desk)), pytest.raises(Problem, match="refund_spent"):
        desk.ask_for_them(transaction)
    assert desk.street.books_balance()


def leave(desk: Desk) -> None:
    Leaver(desk.street, 0, desk.user, desk.street.sessions[desk.user]).delete()


@dataclass
class Late:
    """Money that came when the account was gone: it is in a wallet that nobody can open."""

    desk: Desk
    gateway: str

    def __post_init__(self) -> None:
        desk, world = self.desk, self.desk.world
        intent, _ = intents.open_intent(world, desk.caller(), amount_paisa=SUM, method=self.gateway, return_url=None)
        desk.scene.clock.pass_(minutes=31)
        leave(desk)
        desk.scene.clock.pass_(minutes=2)
        deletion.hear(
            world,
            {"what": "account", "user_id": desk.user, "message_id": deletion.message_id_of(desk.user)},
        )
        fake = getattr(desk.scene, self.gateway)
        fake.outcomes[intent.intent_id] = Outcome(Paid.PAID, f"late-{intent.intent_id}", SUM)
        crediting.hear_news(world, desk.user, intent.intent_id)
        desk.give_points()
        assert desk.wallet == SUM
        self.transaction = next(desk.name(one) for one in desk.ledger() if one.kind is PostingKind.TOPUP)

    def opened(self) -> Refund:
        return self.desk.ask_for_them(self.transaction, reason=RANG_UP)

    def leaves_no_words(self, refund: Refund) -> bool:
        """Of what operators wrote only their log has any, and nobody was told."""
        assert where(RANG_UP) == where("Canary") == {"test-audit_log"}
        assert self.desk.told(refund) == []
        assert self.desk.now(refund).reason == ERASED
        assert (account(self.desk.user).status, self.desk.in_flight()) == (Status.DELETED, 0)
        return self.desk.street.books_balance()


@pytest.mark.parametrize("gateway", ["khalti", "stripe"])
def test_late_money_goes_back_to_the_gateway_it_came_from(desk: Desk, gateway: str) -> None:
    late = Late(desk, gateway)
    refund = late.opened()
    assert (refund.amount_paisa, refund.points) == (SUM, 50)
    assert desk.approve(refund, notes="Canary note").state is RefundState.APPROVED
    desk.send()
    assert (desk.now(refund).state, desk.wallet, desk.points) == (RefundState.PROCESSED, 0, 0)
    assert [order.refund_id for order in getattr(desk.scene, gateway).refunded] == [refund.refund_id]
    assert late.leaves_no_words(refund)


def test_late_money_of_esewa_is_paid_by_hand(desk: Desk) -> None:
    late = Late(desk, "esewa")
    refund = late.opened()
    for grant in ({}, {"way": Way.GATEWAY}, {"way": Way.WALLET}):
        with pytest.raises(Problem, match="invalid_input"):
            desk.approve(refund, **grant)
    done = desk.approve(refund, way=Way.BY_HAND, reference="Canary 4711", notes="Canary note")
    assert (done.state, done.reference, desk.wallet) == (RefundState.PROCESSED, None, 0)
    assert late.leaves_no_words(refund)


def test_a_refusal_leaves_the_money_where_it_is_and_no_words(desk: Desk) -> None:
    late = Late(desk, "khalti")
    refund = late.opened()
    assert desk.reject(refund).state is RefundState.REJECTED
    assert desk.wallet == SUM
    assert late.leaves_no_words(refund)
    assert late.opened().state is RefundState.REQUESTED


def test_money_that_does_not_go_out_to_somebody_who_is_gone_wakes_a_person(desk: Desk, heard: StringIO) -> None:
    late = Late(desk, "khalti")
    refund = late.opened()
    desk.scene.khalti.repayment = Repayment(Repaid.REFUSED, reason="too_late")
    desk.approve(refund)
    desk.send()
    assert (desk.now(refund).state, desk.wallet) == (RefundState.FAILED, SUM)
    assert alarms(heard, "money_for_deleted_account")[-1].get("refund_id") == refund.refund_id
    assert late.leaves_no_words(refund)
    assert late.opened().amount_paisa == SUM


@pytest.mark.parametrize("way", [Way.GATEWAY, Way.BY_HAND, None])
def test_one_that_an_operator_ends_keeps_its_words_in_the_log_alone(desk: Desk, way: Way | None) -> None:
    late = Late(desk, "khalti")
    refund = late.opened()
    desk.scene.khalti.repayment = Repayment(Repaid.BY_HAND)
    desk.approve(refund)
    desk.send()
    second = desk.operator("second").caller(desk.world)
    payouts.close(desk.world, second, refund.refund_id, way=way, reference="bank 4711", notes="Canary at the portal")
    assert late.leaves_no_words(refund)
    assert "test-audit_log" in where("Canary at the portal")


def test_the_erasing_that_comes_again_takes_the_words_of_one_that_waits_and_it_is_paid_all_the_same(
    desk: Desk,
) -> None:
    late = Late(desk, "khalti")
    refund = late.opened()
    erasure.erase(desk.world, desk.user)
    assert where(RANG_UP) == {"test-audit_log"}
    desk.approve(refund)
    desk.send()
    assert desk.now(refund).state is RefundState.PROCESSED
    assert late.leaves_no_words(refund)


def test_a_rentals_payment_goes_into_no_wallet_of_somebody_who_is_gone(desk: Desk) -> None:
    desk.top_up()
    _, payment = desk.rental_that_failed_all_the_same()
    waiting = desk.ask(payment)
    atomic(desk.world, lambda ops: accounts.save(ops, replace(account(desk.user), status=Status.DELETED)))
    for grant in ({}, {"way": Way.WALLET}):
        with pytest.raises(Problem, match="account_deleted"):
            desk.approve(waiting, **grant)
    desk.reject(waiting)
    with pytest.raises(Problem, match="account_deleted"):
        desk.ask_for_them(payment)
