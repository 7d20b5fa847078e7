"""Forged returns over HTTP, alone or beside what MQTT reports: they end nothing for good and make nothing free."""

from collections.abc import Callable

import pytest

from chalicelib.domain.custody import Custody
from chalicelib.domain.rental import Rental
from chalicelib.domain.rental_state import RentalState
from chalicelib.services.rentals import starting
from chalicelib.services.rentals.starting import RentalOrder
from infra.local import cabinet_frames as frames
from tests.builders import CIVIL, LABIM, account
from tests.functions.test_cabinet_http import delivered, returned
from tests.interleaving import interleave
from tests.network import EJECTED, HOUR, PAY_AS_YOU_GO, Network
from tests.services.rentals.test_cancelling import refused
from tests.services.rentals.test_losses import lost_rental

SLOT = 8


def rented_minutes_ago(network: Network, minutes: int, package: str = HOUR) -> Rental:
    rental = network.rented(network.customer(), package=package)
    hear(network, minutes)
    return rental


def hear(network: Network, minutes: int) -> None:
    """Heartbeats of the station for so long."""
    for _ in range(0, minutes, 5):
        network.fake_world.clock.advance(minutes=min(5, minutes))
        network.report_frame(LABIM, frames.heartbeat())


def forge(network: Network, rental: Rental, slot: int = SLOT) -> str:
    """A stranger's call half a minute later. Returns what became of it."""
    network.fake_world.clock.advance(seconds=30)
    returned(rental.powerbank_sn, slot)
    return delivered(network)[-1]


@pytest.mark.parametrize("calls_count", [2, 5])
def test_calls_alone_end_no_rental_in_the_slot_that_its_power_bank_left(network: Network, calls_count: int) -> None:
    rental = rented_minutes_ago(network, 5)
    outcomes = [forge(network, rental, rental.station.slot_number) for _ in range(calls_count)]
    assert set(outcomes) == {"doubted"}
    assert network.rental(rental).state is RentalState.ACTIVE
    network.report_return(CIVIL, rental.powerbank_sn)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.books_balance()


@pytest.mark.parametrize("first", ["http", "mqtt"])
def test_a_call_and_a_report_over_mqtt_end_the_rental_together(network: Network, first: str) -> None:
    rental = rented_minutes_ago(network, 5)
    slot = rental.station.slot_number
    if first == "http":
        forge(network, rental, slot)
        network.report_snapshot(LABIM, without=rental.powerbank_sn, plus=(slot, rental.powerbank_sn))
    else:
        network.report_slot_change(LABIM, rental.powerbank_sn, slot)
        assert forge(network, rental, slot) == "ended"
    assert network.rental(rental).state is RentalState.COMPLETED


def test_a_call_makes_no_old_list_believable(network: Network) -> None:
    network.report_snapshot(LABIM)
    read_at = network.world.now()
    rental = rented_minutes_ago(network, 5)
    forge(network, rental, rental.station.slot_number)
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM, read_at=read_at)
    assert network.rental(rental).state is RentalState.ACTIVE


def test_a_list_without_the_power_bank_outweighs_calls_before_and_after_it(network: Network) -> None:
    rental = rented_minutes_ago(network, 5)
    slot = rental.station.slot_number
    network.report_slot_change(LABIM, rental.powerbank_sn, slot)
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM, without=rental.powerbank_sn)
    for _ in range(2):
        forge(network, rental, slot)
    assert network.rental(rental).state is RentalState.ACTIVE


LATER = {
    "return elsewhere": lambda network, bank: network.report_return(CIVIL, bank),
    "return in the same slot": lambda network, bank: network.report_return(LABIM, bank, SLOT),
    "slot change elsewhere": lambda network, bank: network.report_slot_change(CIVIL, bank),
    "snapshot elsewhere": lambda network, bank: network.report_snapshot(CIVIL, plus=(SLOT, bank)),
    "twice": lambda network, bank: [network.report_return(station, bank) for station in (CIVIL, LABIM)],
}


@pytest.mark.parametrize("later", LATER.values(), ids=LATER)
def test_a_forged_early_return_makes_no_later_return_free(
    network: Network, later: Callable[[Network, str], object]
) -> None:
    rental = rented_minutes_ago(network, 1)
    assert forge(network, rental) == "ended"
    network.fake_world.clock.advance(minutes=50)
    later(network, rental.powerbank_sn)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert refused(network, rental) == "powerbank_not_returned"
    assert network.books_balance()


def test_a_forged_early_return_is_not_free_once_the_next_customer_has_the_power_bank(network: Network) -> None:
    rental = rented_minutes_ago(network, 1)
    forge(network, rental)
    network.fake_world.clock.advance(minutes=20)
    network.report_snapshot(LABIM, without=rental.powerbank_sn, plus=(SLOT, rental.powerbank_sn))
    order = RentalOrder(LABIM.sn, HOUR, rental.powerbank_sn)
    caller = network.sessions[network.customer()].caller(network.world, *order.prefetch_keys())
    starting.start(network.world, caller, order)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert network.bank(rental.powerbank_sn).custody is Custody.RENTED
    assert refused(network, rental) == "powerbank_not_returned"


@pytest.mark.parametrize("package", [HOUR, PAY_AS_YOU_GO])
def test_a_call_ends_no_rental_whose_end_costs_something(network: Network, package: str) -> None:
    rental = rented_minutes_ago(network, 90, package)
    before = account(rental.user_id)
    assert forge(network, rental) == "doubted"
    assert network.rental(rental) == rental
    assert account(rental.user_id) == before
    network.report_snapshot(LABIM, without=rental.powerbank_sn, plus=(SLOT, rental.powerbank_sn))
    assert network.rental(rental).ended_at is not None
    assert network.books_balance()


def test_a_call_gives_no_price_of_a_lost_power_bank_back(network: Network) -> None:
    rental = lost_rental(network)
    hear(network, 30)
    before = account(rental.user_id)
    assert forge(network, rental) == "doubted"
    assert account(rental.user_id) == before
    assert network.rental(rental).state is RentalState.LOST


def test_a_call_that_loses_a_race_with_the_frame_quarantines_nothing(network: Network) -> None:
    rental = rented_minutes_ago(network, 5)
    returned(rental.powerbank_sn, SLOT)
    with interleave(lambda: network.report_return(CIVIL, rental.powerbank_sn)):
        delivered(network)
    powerbank = network.bank(rental.powerbank_sn)
    assert (powerbank.custody, powerbank.station_sn) == (Custody.SLOT, CIVIL.sn)
    assert network.rental(rental).return_station is not None
