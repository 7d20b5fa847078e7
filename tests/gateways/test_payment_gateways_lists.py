"""A gateway's list of payments: the same tests for Stripe and its fake, and for gateways without a list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from chalicelib.domain.payments.payment_gateway import GatewayPayment, PaymentState, PaymentStatus, RefundRequest
from chalicelib.domain.payments.topup_intent import Intent
from chalicelib.gateways.stripe_client import PAGE
from chalicelib.world import PaymentGateway, Unavailable
from infra.local.companies.all_companies import Companies
from infra.local.fault import Fault
from infra.local.simulation import Simulation
from tests.gateways.companies import companies
from tests.gateways.gateways_under_test import intent, real
from tests.gateways.odd_server import ODD, OddServer
from tests.gateways.unreliable import stripe as at_neighbour
from tests.world.fakes import FakeGateway

DAY = timedelta(days=1)


@dataclass
class Shelf:
    """A gateway with a list, and what its customers do there."""

    gateway: PaymentGateway
    made: Companies
    simulation: Simulation

    def opened(self, number: int) -> Intent:
        item = intent(number)
        return item.with_checkout(self.gateway.create_checkout(item))

    def pay(self, item: Intent, outcome: str = "success") -> None:
        self.made.gateways["stripe"].pay(item.order_ref, outcome, "never")

    def all(self) -> dict[str, GatewayPayment]:
        now = self.simulation.clock.now()
        payments = self.gateway.list_payments(now - DAY, now + DAY)
        assert payments is not None
        return {payment.reference: payment for payment in payments}


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A Stripe without payments."""
    with companies() as (servers, simulation):
        yield Shelf(real(servers, simulation, "stripe"), servers, simulation)


@pytest.mark.parametrize("name", ["khalti", "esewa"])
def test_a_gateway_without_a_list_gives_none(
    name: str, companies_and_simulation: tuple[Companies, Simulation]
) -> None:
    now = companies_and_simulation[1].clock.now()
    assert real(*companies_and_simulation, name).list_payments(now - DAY, now) is None
    assert FakeGateway(name).list_payments(now - DAY, now) is None


def test_a_list_has_the_same_status_as_a_query(shelf: Shelf) -> None:
    paid, less, open_, declined = (shelf.opened(number) for number in range(1, 5))
    shelf.pay(paid)
    shelf.pay(less, "wrong_amount")
    shelf.pay(declined, "fail")
    listed = shelf.all()
    assert len(listed) == 4
    for item in (paid, less, open_, declined):
        payment = listed[str(item.gateway_ref)]
        assert payment.status == shelf.gateway.fetch_payment(item)
        assert payment.order_ref == item.order_ref


def test_a_refund_is_in_the_list(shelf: Shelf) -> None:
    item = shelf.opened(1)
    shelf.pay(item)
    credited = item.credited(shelf.gateway.fetch_payment(item), item.created_at)
    shelf.gateway.refund(credited, RefundRequest("r1", credited.amount_paisa))
    assert shelf.all()[str(item.gateway_ref)].status.state is PaymentState.REFUNDED


def test_a_list_begins_with_its_first_second_and_ends_before_its_last(shelf: Shelf) -> None:
    item = shelf.opened(1)
    at = shelf.all()[str(item.gateway_ref)].created_at
    second = timedelta(seconds=1)
    fake = FakeGateway("stripe", payments=[GatewayPayment("cs", at, PaymentStatus(PaymentState.UNPAID))])
    for gateway in (shelf.gateway, fake):
        for since, until, count in (
            (at, at + second, 1),
            (at - DAY, at, 0),
            (at + second, at + DAY, 0),
            (at, at, 0),
        ):
            assert len(gateway.list_payments(since, until) or ()) == count


def test_a_list_of_several_pages_is_read_to_its_end(shelf: Shelf) -> None:
    made = {str(shelf.opened(number).gateway_ref) for number in range(1, PAGE + 6)}
    assert set(shelf.all()) == made


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_unavailable_gateway_raises_for_its_list(status: int, shelf: Shelf) -> None:
    shelf.opened(1)
    shelf.simulation.faults["stripe"] = Fault(1, status=status)
    now = shelf.simulation.clock.now()
    for gateway in (shelf.gateway, FakeGateway("stripe", list_unavailable=True)):
        with pytest.raises(Unavailable):
            gateway.list_payments(now - DAY, now + DAY)


@pytest.mark.parametrize("body", [*ODD.values(), '{"data": [1]}', '{"data": [{"id": "cs"}]}'])
def test_a_malformed_list_raises_unavailable(body: str, odd_server: OddServer) -> None:
    odd_server.answers_with(body)
    now = intent().created_at
    with pytest.raises(Unavailable):
        at_neighbour(odd_server.url, (2.0, 6.0)).list_payments(now - DAY, now)
