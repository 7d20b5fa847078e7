"""Reports about a swapped rental: each is about the power bank that it names, or the one that came out last."""

import pytest

from app import app
from chalicelib.domain.rentals.rental import Rental
from chalicelib.services.rentals import starting
from chalicelib.services.rentals.starting import RentalOrder
from tests.scenarios.swap_scenario import DEAD, bring_back, report, reported
from tests.world.builders import CIVIL, LABIM
from tests.world.http_client import request
from tests.world.network import EJECTED, HOUR, REFUSED, Network
from tests.world.tokens import token_of


def faults(network: Network, *powerbank_sns: str) -> list[int]:
    return [network.bank(powerbank_sn).faults_count for powerbank_sn in powerbank_sns]


def charging_reported(network: Network) -> Rental:
    """A rental that may be swapped, although no fault of its power bank was reported yet."""
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=1)
    assert report(network, rental, issue_type="charging").data["swap_until"] is not None
    network.fake_world.clock.advance(minutes=1)
    return rental


def swapped(network: Network, first: Rental) -> Rental:
    """The rental after its other power bank came out."""
    starting = bring_back(network, first)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, starting.powerbank_sn, EJECTED)
    return network.rental(first)


@pytest.mark.parametrize("after", ["starting", "refused"])
def test_a_report_without_another_power_bank_out_is_about_the_first_one(network: Network, after: str) -> None:
    first = charging_reported(network)
    second = bring_back(network, first)
    if after == "refused":
        network.fake_world.clock.advance(seconds=2)
        network.report_eject(LABIM, second.powerbank_sn, REFUSED)
    assert report(network, first).data["powerbank_sn"] == first.powerbank_sn
    assert faults(network, first.powerbank_sn, second.powerbank_sn) == [1, 0]


def test_a_late_report_that_names_the_first_power_bank_is_about_it(network: Network) -> None:
    first = charging_reported(network)
    second = swapped(network, first)
    late = report(network, second, powerbank_sn=first.powerbank_sn)
    assert (late.data["powerbank_sn"], late.data["swap_until"]) == (first.powerbank_sn, None)
    assert faults(network, first.powerbank_sn, second.powerbank_sn) == [1, 0]


@pytest.mark.parametrize("named", [True, False])
def test_the_other_power_bank_can_have_the_same_fault(network: Network, *, named: bool) -> None:
    first = reported(network)
    second = swapped(network, first)
    name = {"powerbank_sn": second.powerbank_sn} if named else {"description": "this one is dead too"}
    assert report(network, second, **name).data["powerbank_sn"] == second.powerbank_sn
    assert faults(network, first.powerbank_sn, second.powerbank_sn) == [1, 1]
    network.report_return(CIVIL, second.powerbank_sn)
    assert network.books_balance()


def test_a_report_that_comes_again_after_the_swap_is_the_first_one(network: Network) -> None:
    first = reported(network)
    second = swapped(network, first)
    assert report(network, second).data["powerbank_sn"] == first.powerbank_sn
    assert report(network, second, powerbank_sn=first.powerbank_sn).data["powerbank_sn"] == first.powerbank_sn
    assert faults(network, first.powerbank_sn, second.powerbank_sn) == [1, 0]


def test_the_first_power_bank_of_the_next_customer_takes_no_report(network: Network) -> None:
    first = charging_reported(network)
    second = swapped(network, first)
    network.fake_world.clock.advance(minutes=1)
    order = RentalOrder(LABIM.sn, HOUR, first.powerbank_sn)
    caller = network.sessions[network.customer()].caller(network.world, *order.prefetch_keys())
    starting.start(network.world, caller, order)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    network.report_return(CIVIL, first.powerbank_sn)
    report(network, second, powerbank_sn=first.powerbank_sn)
    assert faults(network, first.powerbank_sn) == [0]


@pytest.mark.parametrize("powerbank_sn", ["77777777", "free"])
def test_a_report_names_a_power_bank_of_its_rental(network: Network, powerbank_sn: str) -> None:
    first = reported(network)
    if powerbank_sn == "free":
        powerbank_sn = next(bank for bank, _ in CIVIL.slots().values() if bank)
    path = f"/api/rentals/{first.rental_id}/report-issue"
    body = DEAD | {"issue_type": "damaged", "powerbank_sn": powerbank_sn}
    assert request(app, "POST", path, body, token=token_of(network, first.user_id)).code == "not_found"
    assert faults(network, first.powerbank_sn) == [1]
