"""Refunds: the same tests for every gateway and its fake, and tests of gateways that refund by API."""

from dataclasses import dataclass, replace

import pytest

from chalicelib.domain.payments.payment_gateway import (
    NOT_EXECUTED,
    GatewayRefundState,
    PaymentState,
    RefundRequest,
    RefundStatus,
)
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.world import PaymentGateway
from infra.local.companies.all_companies import Companies
from infra.local.fault import Fault
from infra.local.simulation import Simulation
from tests.gateways.gateways_under_test import GatewayUnderTest, credited, intent, real


@dataclass
class Refunding:
    """A gateway that refunds, and its simulated company."""

    name: str
    made: Companies
    simulation: Simulation

    @property
    def gateway(self) -> PaymentGateway:
        return real(self.made, self.simulation, self.name)

    def paid(self, number: int) -> Intent:
        server = self.made.gateways[self.name]
        return credited(
            GatewayUnderTest(self.gateway, lambda item, how: server.pay(item.order_ref, how, "never"), list),
            intent(number),
        )


@pytest.fixture(params=["khalti", "stripe"])
def refunding(request: pytest.FixtureRequest, companies_and_simulation: tuple[Companies, Simulation]) -> Refunding:
    companies, simulation = companies_and_simulation
    return Refunding(request.param, companies, simulation)


def test_a_full_refund_is_done_or_left_by_hand(gateway_under_test: GatewayUnderTest) -> None:
    paid, request = credited(gateway_under_test, intent(20)), RefundRequest("refund20", 50_000)
    state = gateway_under_test.gateway.refund(paid, request).state
    assert state is (
        GatewayRefundState.BY_HAND if gateway_under_test.gateway.name == "esewa" else GatewayRefundState.DONE
    )
    assert gateway_under_test.gateway.fetch_refund(paid, request).state is state


def test_a_partial_refund_is_done_or_left_by_hand(gateway_under_test: GatewayUnderTest) -> None:
    paid, request = credited(gateway_under_test, intent(21)), RefundRequest("refund21", 12_345)
    state = gateway_under_test.gateway.refund(paid, request).state
    assert state is (
        GatewayRefundState.BY_HAND if gateway_under_test.gateway.name == "esewa" else GatewayRefundState.DONE
    )
    assert gateway_under_test.gateway.fetch_refund(paid, request).state is state


def test_a_refund_at_an_unavailable_gateway_is_unknown(gateway_under_test: GatewayUnderTest) -> None:
    paid = credited(gateway_under_test, intent(22))
    gateway_under_test.break_()
    state = gateway_under_test.gateway.refund(paid, RefundRequest("refund22", 50_000)).state
    assert state is (
        GatewayRefundState.BY_HAND if gateway_under_test.gateway.name == "esewa" else GatewayRefundState.UNKNOWN
    )


def test_a_refund_with_a_lost_response_is_found_by_a_query(refunding: Refunding) -> None:
    paid, request = refunding.paid(23), RefundRequest("refund23", 50_000)
    refunding.simulation.faults[refunding.name] = Fault(1, timeout=0)
    assert refunding.gateway.refund(paid, request).state is GatewayRefundState.UNKNOWN
    assert refunding.gateway.fetch_refund(paid, request).state is GatewayRefundState.DONE


def test_a_lost_refund_is_unknown_first_and_not_executed_after_the_grace(
    refunding: Refunding,
) -> None:
    paid, request = refunding.paid(24), RefundRequest("refund24", 50_000)
    refunding.simulation.faults[refunding.name] = Fault(1, status=503)
    assert refunding.gateway.refund(paid, request).state is GatewayRefundState.UNKNOWN
    assert refunding.gateway.fetch_refund(paid, request).state is GatewayRefundState.UNKNOWN
    never = refunding.gateway.fetch_refund(paid, replace(request, past_grace=True))
    assert never == RefundStatus(GatewayRefundState.REFUSED, reason=NOT_EXECUTED)
    assert refunding.gateway.refund(paid, request).state is GatewayRefundState.DONE


def test_a_refund_above_the_payment_is_rejected(refunding: Refunding) -> None:
    paid = refunding.paid(25)
    assert refunding.gateway.refund(paid, RefundRequest("refund25", 30_000)).state is GatewayRefundState.DONE
    more = refunding.gateway.refund(paid, RefundRequest("refund26", 20_001, previously_refunded_paisa=30_000))
    assert more.state is GatewayRefundState.REFUSED
    rest = RefundRequest("refund27", 20_000, previously_refunded_paisa=30_000)
    assert refunding.gateway.refund(paid, rest).state is GatewayRefundState.DONE
    assert refunding.gateway.fetch_refund(paid, rest).state is GatewayRefundState.DONE
    assert refunding.gateway.fetch_payment(paid).state is PaymentState.REFUNDED


def test_a_refund_without_a_credit_is_rejected(refunding: Refunding) -> None:
    opened = intent(28).with_checkout(refunding.gateway.create_checkout(intent(28)))
    assert refunding.gateway.refund(opened, RefundRequest("refund28", 50_000)).state is GatewayRefundState.REFUSED


def test_stripe_makes_one_refund_per_key(
    companies_and_simulation: tuple[Companies, Simulation],
) -> None:
    refunding = Refunding("stripe", *companies_and_simulation)
    paid, request = refunding.paid(29), RefundRequest("refund29", 20_000)
    refund_statuses = {refunding.gateway.refund(paid, request) for _ in range(3)}
    assert len(refund_statuses) == 1
    other = refunding.gateway.refund(paid, replace(request, amount_paisa=10_000))
    assert other.state is GatewayRefundState.UNKNOWN
    assert refunding.gateway.refund(paid, RefundRequest("refund30", 30_000, 20_000)).state is GatewayRefundState.DONE


def test_stripe_finds_a_refund_among_many_pages(companies_and_simulation: tuple[Companies, Simulation]) -> None:
    refunding = Refunding("stripe", *companies_and_simulation)
    paid = refunding.paid(31)
    for number in range(105):
        assert refunding.gateway.refund(paid, RefundRequest(f"many{number}", 100)).state is GatewayRefundState.DONE
    first = refunding.gateway.fetch_refund(paid, RefundRequest("many0", 100))
    assert first.state is GatewayRefundState.DONE


@pytest.mark.parametrize("word", ["pending", "failed", "requires_action"])
def test_a_pending_refund_at_stripe_is_pending(
    word: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    refunding = Refunding("stripe", *companies_and_simulation)
    paid, request = refunding.paid(40 + len(word)), RefundRequest(f"refund-{word}", 50_000)
    server = refunding.made.stripe
    server.refunds_as = word
    try:
        refund_status = refunding.gateway.refund(paid, request)
    finally:
        server.refunds_as = "succeeded"
    assert refund_status.state is (GatewayRefundState.REFUSED if word == "failed" else GatewayRefundState.PENDING)
    assert refund_status.reference
    assert refunding.gateway.fetch_refund(paid, request) == refund_status
