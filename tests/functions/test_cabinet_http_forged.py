"""Forged returns over HTTP, alone or beside what MQTT reports: they change no rental and no power bank."""

import pytest

from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from infra.local.cabinets import frames
from tests.functions.test_cabinet_http import delivered, returned
from tests.services.rentals.test_losses import lost_rental
from tests.world.builders import CIVIL, LABIM, account
from tests.world.network import HOUR, PAY_AS_YOU_GO, Network

SLOT = 8


def rented_minutes_ago(network: Network, minutes: int, package: str = HOUR) -> Rental:
    rental = network.rented(network.customer(), package=package)
    send_heartbeats(network, minutes)
    return rental


def send_heartbeats(network: Network, minutes: int) -> None:
    """Heartbeats of the station for so long."""
    for _ in range(0, minutes, 5):
        network.fake_world.clock.advance(minutes=min(5, minutes))
        network.report_frame(LABIM, frames.heartbeat())


def forge(network: Network, rental: Rental, slot: int = SLOT) -> str:
    """A stranger's call half a minute later. Returns what became of it."""
    network.fake_world.clock.advance(seconds=30)
    returned(rental.powerbank_sn, slot)
    return delivered(network)[-1]


@pytest.mark.parametrize("place", ["own", "other"])
@pytest.mark.parametrize("package", [HOUR, PAY_AS_YOU_GO])
@pytest.mark.parametrize("minutes", [5, 90])
def test_calls_change_nothing_however_many_come(network: Network, place: str, package: str, minutes: int) -> None:
    rental = rented_minutes_ago(network, minutes, package)
    before = account(rental.user_id), network.bank(rental.powerbank_sn)
    slot = rental.station.slot_number if place == "own" else SLOT
    assert {forge(network, rental, slot) for _ in range(4)} == {"asked_over_mqtt"}
    assert (account(rental.user_id), network.bank(rental.powerbank_sn)) == before
    assert network.rental(rental) == rental
    network.report_return(CIVIL, rental.powerbank_sn)
    assert network.rental(rental).ended_at is not None
    assert network.books_balance()


def test_a_call_adds_nothing_to_a_report_of_the_slot_that_the_power_bank_left(network: Network) -> None:
    rental = rented_minutes_ago(network, 5)
    slot = rental.station.slot_number
    network.report_slot_change(LABIM, rental.powerbank_sn, slot)
    assert forge(network, rental, slot) == "asked_over_mqtt"
    assert network.rental(rental).state is RentalState.ACTIVE
    network.report_snapshot(LABIM, without=rental.powerbank_sn, plus=(slot, rental.powerbank_sn))
    assert network.rental(rental).state is RentalState.COMPLETED


def test_a_call_makes_no_old_list_believable(network: Network) -> None:
    network.report_snapshot(LABIM)
    read_at = network.world.now()
    rental = rented_minutes_ago(network, 5)
    forge(network, rental, rental.station.slot_number)
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(LABIM, read_at=read_at)
    assert network.rental(rental).state is RentalState.ACTIVE


def test_a_call_gives_no_price_of_a_lost_power_bank_back(network: Network) -> None:
    rental = lost_rental(network)
    send_heartbeats(network, 30)
    before = account(rental.user_id)
    assert forge(network, rental) == "asked_over_mqtt"
    assert account(rental.user_id) == before
    assert network.rental(rental).state is RentalState.LOST
