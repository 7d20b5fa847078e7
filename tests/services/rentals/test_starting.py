"""The start of a rental: one at a time per customer and cabinet, of a power bank that the customer can pay."""

from datetime import timedelta

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import starting
from chalicelib.services.rentals.starting import RentalOrder
from tests.services.rentals.test_ejects import PRICE
from tests.world.builders import CIVIL, LABIM, account
from tests.world.network import EJECTED, REFUSED, Network


def test_the_fullest_powerbank_is_ejected(network: Network) -> None:
    assert network.start(network.customer()).powerbank_sn == "40818052"


def test_points_are_spent_before_the_wallet(network: Network) -> None:
    user = network.customer()
    points = account(user).points
    rental = network.start(user)
    assert rental.held_points == points
    assert rental.held_paisa == PRICE - points * 10


def test_a_start_waits_for_the_result_and_returns_it(network: Network) -> None:
    user = network.customer()
    network.fake_world.settings = network.fake_world.settings.changed({"eject_wait_seconds": 4})
    network.fake_world.on_pause = lambda: network.report_eject(LABIM, "40818052", EJECTED)
    assert network.start(user).state is RentalState.ACTIVE


def test_a_start_returns_a_failure_that_arrives_in_time(network: Network) -> None:
    network.fake_world.settings = network.fake_world.settings.changed({"eject_wait_seconds": 4})
    network.fake_world.on_pause = lambda: network.report_eject(LABIM, "40818052", REFUSED)
    with pytest.raises(Problem, match="eject_failed"):
        network.start(network.customer())


def test_a_second_start_by_the_same_user_is_rejected(network: Network) -> None:
    user = network.customer()
    network.rented(user)
    with pytest.raises(Problem, match="rental_open"):
        network.start(user, CIVIL)


def test_a_cabinet_ejects_one_powerbank_at_a_time(network: Network) -> None:
    network.start(network.customer())
    with pytest.raises(Problem, match="station_busy") as refusal:
        network.start(network.customer())
    assert refusal.value.retry_after_seconds


def test_the_next_customer_waits_for_the_station(network: Network) -> None:
    first = network.start(network.customer())
    second = network.customer()
    network.fake_world.settings = network.fake_world.settings.changed({"station_queue_wait_seconds": 8})
    network.fake_world.on_pause = lambda: network.report_eject(LABIM, first.powerbank_sn, EJECTED)
    assert network.start(second).powerbank_sn != first.powerbank_sn
    assert network.world.now() - first.requested_at >= timedelta(seconds=5)
    assert network.books_balance()


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (RentalOrder("99999999", "1-hour"), "not_found"),
        (RentalOrder(LABIM.sn, "no-such-package"), "package_unavailable"),
        (RentalOrder(LABIM.sn, "1-hour", "40818055"), "no_powerbank_available"),
        (RentalOrder(LABIM.sn, "1-hour", "12345678"), "no_powerbank_available"),
    ],
)
def test_an_impossible_order_changes_nothing(network: Network, order: RentalOrder, code: str) -> None:
    user = network.customer()
    before = account(user)
    caller = network.sessions[user].caller(network.world, *order.prefetch_keys())
    with pytest.raises(Problem, match=code):
        starting.start(network.world, caller, order)
    assert account(user) == before


def test_too_little_money_is_reported_with_the_shortfall(network: Network) -> None:
    user = network.customer(wallet_paisa=1_000)
    with pytest.raises(Problem, match="insufficient_funds") as refusal:
        network.start(user)
    assert refusal.value.details["shortfall_paisa"] == PRICE - 1_000 - 50 * 10


def test_an_offline_station_ejects_nothing(network: Network) -> None:
    network.fake_world.clock.advance(seconds=5)
    network.report_status(LABIM, DeviceEventKind.OFFLINE)
    with pytest.raises(Problem, match="station_offline"):
        network.start(network.customer())
