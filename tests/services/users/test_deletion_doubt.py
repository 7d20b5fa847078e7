"""Deletion of an account whose last eject was released while nobody knew where the power bank was."""

from io import StringIO

import pytest

from chalicelib.domain.accounts.account import Status
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.problems.problem_reasons import Reason
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import ejects
from tests.scenarios.deletion_scenario import delete_customer
from tests.world.builders import CIVIL, LABIM, account
from tests.world.log_lines import alarms_count
from tests.world.network import EJECTED, REFUSED, Network
from tests.world.real_tables import all_rows


@pytest.mark.parametrize("later_rentals", [0, 1])
@pytest.mark.parametrize("hours", [0, 30])
def test_an_account_with_an_eject_in_doubt_is_not_deleted(network: Network, later_rentals: int, hours: int) -> None:
    user = network.customer()
    network.unanswered_start(user)
    for _ in range(later_rentals):
        rental = network.rented(user, CIVIL)
        network.report_return(CIVIL, rental.powerbank_sn)
    network.fake_world.clock.advance(hours=hours)
    before = all_rows()
    with pytest.raises(Problem, match="rental_open") as refusal:
        delete_customer(network, user)
    assert refusal.value.details["reason"] is Reason.EJECT_IN_DOUBT
    assert refusal.value.details["reasons"] == ["rental_open"]
    assert all_rows() == before


def test_the_release_of_an_eject_does_not_allow_the_deletion(network: Network) -> None:
    user = network.customer()
    network.start(user)
    with pytest.raises(Problem, match="rental_open"):
        delete_customer(network, user)
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    with pytest.raises(Problem, match="rental_open"):
        delete_customer(network, user)


def test_an_account_is_deleted_once_its_power_bank_is_found(network: Network) -> None:
    user = network.customer()
    rental = network.unanswered_start(user)
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM)
    assert network.bank(rental.powerbank_sn).station_sn == LABIM.sn
    delete_customer(network, user)
    assert account(user).status is Status.DELETED


def test_the_doubt_about_another_customers_eject_prevents_nothing(network: Network) -> None:
    user, other = network.customer(), network.customer()
    refused = network.start(user)
    network.report_eject(LABIM, refused.powerbank_sn, REFUSED)
    network.fake_world.clock.advance(minutes=20)
    network.report_snapshot(LABIM)
    assert network.unanswered_start(other).powerbank_sn == refused.powerbank_sn
    delete_customer(network, user)
    assert account(user).status is Status.DELETED


@pytest.mark.parametrize("evidence", ["eject", "snapshot"])
def test_a_reopened_rental_of_a_deleted_account_raises_an_alarm(
    network: Network, log_output: StringIO, evidence: str
) -> None:
    user = network.customer()
    rental = network.start(user)
    network.report_eject(LABIM, rental.powerbank_sn, REFUSED)
    delete_customer(network, user)
    network.fake_world.clock.advance(minutes=2)
    if evidence == "eject":
        network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    else:
        network.report_snapshot(LABIM, without=rental.powerbank_sn)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert alarms_count(log_output, Alarm.RENTAL_OF_DELETED_ACCOUNT) == 1
    assert network.books_balance()
