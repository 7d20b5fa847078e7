"""Giving back: one set of sentences for every gateway and its fake, and what those that have a way do besides."""

from dataclasses import dataclass, replace

import pytest

from chalicelib.domain.payment_gateway import NEVER_HAPPENED, Paid, RefundOrder, Repaid, Repayment
from chalicelib.domain.topup import Intent
from chalicelib.world import PaymentGateway
from infra.local.companies import Companies
from infra.local.stage import Fault, Stage
from tests.gateways.counters import Counter, credited, intent, real


@dataclass
class Refunding:
    """A gateway that gives back, and the company behind it."""

    name: str
    made: Companies
    stage: Stage

    @property
    def gateway(self) -> PaymentGateway:
        return real(self.made, self.stage, self.name)

    def paid(self, number: int) -> Intent:
        server = self.made.gateways[self.name]
        return credited(
            Counter(self.gateway, lambda one, how: server.pay(one.order_ref, how, "never"), list), intent(number)
        )


@pytest.fixture(params=["khalti", "stripe"])
def refunding(request: pytest.FixtureRequest, street: tuple[Companies, Stage]) -> Refunding:
    made, stage = street
    return Refunding(request.param, made, stage)


def test_the_whole_is_given_back_where_the_gateway_has_a_way(counter: Counter) -> None:
    paid, order = credited(counter, intent(20)), RefundOrder("refund20", 50_000)
    repaid = counter.gateway.refund(paid, order).repaid
    assert repaid is (Repaid.BY_HAND if counter.gateway.name == "esewa" else Repaid.DONE)
    assert counter.gateway.look_refund(paid, order).repaid is repaid


def test_a_part_is_given_back_where_the_gateway_has_a_way(counter: Counter) -> None:
    paid, order = credited(counter, intent(21)), RefundOrder("refund21", 12_345)
    repaid = counter.gateway.refund(paid, order).repaid
    assert repaid is (Repaid.BY_HAND if counter.gateway.name == "esewa" else Repaid.DONE)
    assert counter.gateway.look_refund(paid, order).repaid is repaid


def test_a_refund_while_the_gateway_is_away_is_unknown(counter: Counter) -> None:
    paid = credited(counter, intent(22))
    counter.break_()
    repaid = counter.gateway.refund(paid, RefundOrder("refund22", 50_000)).repaid
    assert repaid is (Repaid.BY_HAND if counter.gateway.name == "esewa" else Repaid.UNKNOWN)


def test_a_refund_whose_answer_was_lost_is_found_by_looking(refunding: Refunding) -> None:
    paid, order = refunding.paid(23), RefundOrder("refund23", 50_000)
    refunding.stage.faults[refunding.name] = Fault(1, timeout=0)
    assert refunding.gateway.refund(paid, order).repaid is Repaid.UNKNOWN
    assert refunding.gateway.look_refund(paid, order).repaid is Repaid.DONE


def test_a_refund_that_did_not_arrive_is_in_doubt_and_after_long_known_not_to_have_happened(
    refunding: Refunding,
) -> None:
    paid, order = refunding.paid(24), RefundOrder("refund24", 50_000)
    refunding.stage.faults[refunding.name] = Fault(1, status=503)
    assert refunding.gateway.refund(paid, order).repaid is Repaid.UNKNOWN
    assert refunding.gateway.look_refund(paid, order).repaid is Repaid.UNKNOWN
    never = refunding.gateway.look_refund(paid, replace(order, long_ago=True))
    assert never == Repayment(Repaid.REFUSED, reason=NEVER_HAPPENED)
    assert refunding.gateway.refund(paid, order).repaid is Repaid.DONE


def test_no_more_is_given_back_than_was_paid(refunding: Refunding) -> None:
    paid = refunding.paid(25)
    assert refunding.gateway.refund(paid, RefundOrder("refund25", 30_000)).repaid is Repaid.DONE
    more = refunding.gateway.refund(paid, RefundOrder("refund26", 20_001, before_paisa=30_000))
    assert more.repaid is Repaid.REFUSED
    rest = RefundOrder("refund27", 20_000, before_paisa=30_000)
    assert refunding.gateway.refund(paid, rest).repaid is Repaid.DONE
    assert refunding.gateway.look_refund(paid, rest).repaid is Repaid.DONE
    assert refunding.gateway.look(paid).paid is Paid.REFUNDED


def test_what_was_never_credited_is_not_given_back(refunding: Refunding) -> None:
    opened = intent(28).opened(refunding.gateway.open(intent(28)))
    assert refunding.gateway.refund(opened, RefundOrder("refund28", 50_000)).repaid is Repaid.REFUSED


def test_stripe_makes_one_refund_of_one_key_however_often_it_is_sent(street: tuple[Companies, Stage]) -> None:
    refunding = Refunding("stripe", *street)
    paid, order = refunding.paid(29), RefundOrder("refund29", 20_000)
    told = {refunding.gateway.refund(paid, order) for _ in range(3)}
    assert len(told) == 1
    other = refunding.gateway.refund(paid, replace(order, amount_paisa=10_000))
    assert other.repaid is Repaid.UNKNOWN
    assert refunding.gateway.refund(paid, RefundOrder("refund30", 30_000, 20_000)).repaid is Repaid.DONE


def test_stripe_finds_a_refund_among_many_pages(street: tuple[Companies, Stage]) -> None:
    refunding = Refunding("stripe", *street)
    paid = refunding.paid(31)
    for number in range(105):
        assert refunding.gateway.refund(paid, RefundOrder(f"many{number}", 100)).repaid is Repaid.DONE
    first = refunding.gateway.look_refund(paid, RefundOrder("many0", 100))
    assert first.repaid is Repaid.DONE


@pytest.mark.parametrize("word", ["pending", "failed", "requires_action"])
def test_a_refund_that_takes_its_time_at_stripe_is_told_so(word: str, street: tuple[Companies, Stage]) -> None:
    refunding = Refunding("stripe", *street)
    paid, order = refunding.paid(40 + len(word)), RefundOrder(f"refund-{word}", 50_000)
    server = refunding.made.stripe
    server.refunds_as = word
    try:
        told = refunding.gateway.refund(paid, order)
    finally:
        server.refunds_as = "succeeded"
    assert told.repaid is (Repaid.REFUSED if word == "failed" else Repaid.PENDING)
    assert told.reference
    assert refunding.gateway.look_refund(paid, order) == told
