"""Refunds of top-ups while the customer owes money or has a power bank: refused with the reason."""

from collections.abc import Callable

import pytest

from chalicelib.domain.payments.refund import RefundState
from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import dues
from tests.scenarios.refund_scenario import SUM, RefundScenario
from tests.world.builders import LABIM, account
from tests.world.network import PAY_AS_YOU_GO, Network
from tests.world.real_tables import all_rows


@pytest.fixture
def scenario(network: Network) -> RefundScenario:
    return RefundScenario(network)


Owe = Callable[[RefundScenario], str]


def with_a_start(scenario: RefundScenario) -> str:
    """The eject of a postpaid rental is not confirmed yet."""
    scenario.network.start(scenario.user, package=PAY_AS_YOU_GO)
    return "rental_open"


def with_a_bank(scenario: RefundScenario) -> str:
    scenario.network.rented(scenario.user, package=PAY_AS_YOU_GO)
    return "rental_open"


def with_a_due(scenario: RefundScenario) -> str:
    """The customer has returned the bank of a postpaid rental and not paid for it."""
    rental = scenario.network.rented(scenario.user, package=PAY_AS_YOU_GO)
    scenario.fake_world.clock.advance(minutes=61)
    scenario.network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
    assert scenario.network.rental(rental).state is RentalState.DUE
    return "due_unpaid"


@pytest.mark.parametrize("asks", ["customer", "operator", "approval"])
def test_a_topup_is_not_refunded_while_an_eject_is_in_doubt(scenario: RefundScenario, asks: str) -> None:
    """The power bank may prove to be with the customer, who then pays for it."""
    network, transaction = scenario.network, scenario.top_up()
    refund = scenario.request_refund(transaction) if asks == "approval" else None
    rental = network.unanswered_start(scenario.user)
    assert network.rental(rental).state is RentalState.FAILED
    ask = scenario.request_refund if asks == "customer" else scenario.request_on_behalf
    with pytest.raises(Problem, match="rental_open") as refused:
        scenario.approve(refund) if refund is not None else ask(transaction)
    assert refused.value.details["reason"] == Reason.EJECT_IN_DOUBT
    network.report_snapshot(LABIM)
    again = scenario.approve(refund or scenario.request_refund(transaction))
    assert again.state is not RefundState.REQUESTED
    assert network.books_balance()


OWING = [with_a_start, with_a_bank, with_a_due]


@pytest.mark.parametrize("owe", OWING)
def test_a_topup_is_not_refunded_while_its_customer_owes(scenario: RefundScenario, owe: Owe) -> None:
    transaction = scenario.top_up()
    code = owe(scenario)
    before = all_rows()
    for ask in (scenario.request_refund, scenario.request_on_behalf):
        with pytest.raises(Problem, match=code) as refused:
            ask(transaction)
        assert refused.value.details["reasons"] == [code]
        assert refused.value.details["rental_id"]
    assert all_rows()["test-refunds"] == before["test-refunds"]


@pytest.mark.parametrize("owe", OWING)
def test_an_approval_is_refused_while_the_customer_owes(scenario: RefundScenario, owe: Owe) -> None:
    refund = scenario.request_refund(scenario.top_up())
    code = owe(scenario)
    with pytest.raises(Problem, match=code):
        scenario.approve(refund)
    assert scenario.now(refund).state is RefundState.REQUESTED
    assert scenario.wallet == SUM
    assert scenario.send() == []
    assert scenario.reject(refund).state is RefundState.REJECTED


def test_a_topup_is_refunded_again_once_the_due_is_paid(scenario: RefundScenario) -> None:
    transaction = scenario.top_up()
    with_a_due(scenario)
    dues.pay_due(scenario.world, scenario.caller(), str(account(scenario.user).due_rental_id))
    scenario.award_points(100)
    assert scenario.request_refund(transaction).amount_paisa == scenario.wallet


def test_a_failed_rentals_payment_is_refunded_beside_an_open_rental(scenario: RefundScenario) -> None:
    """Its money goes to the wallet, where it can pay what the customer owes."""
    scenario.top_up()
    _, payment = scenario.paid_rental_marked_failed()
    scenario.station_becomes_free()
    with_a_bank(scenario)
    assert scenario.approve(scenario.request_refund(payment)).state is RefundState.PROCESSED
