"""Returns that no return frame proves: a power bank that comes back later makes no rental free."""

from collections.abc import Callable

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import starting
from chalicelib.services.rentals.starting import RentalOrder
from tests.services.rentals.test_cancelling import cancel, refused
from tests.world.builders import CIVIL, LABIM
from tests.world.network import EJECTED, HOUR, Network

SLOT = 8
LATER = {
    "return elsewhere": lambda network, bank: network.report_return(CIVIL, bank),
    "return in the same slot": lambda network, bank: network.report_return(LABIM, bank, SLOT),
    "slot change elsewhere": lambda network, bank: network.report_slot_change(CIVIL, bank),
    "snapshot elsewhere": lambda network, bank: network.report_snapshot(CIVIL, plus=(SLOT, bank)),
    "twice": lambda network, bank: [network.report_return(station, bank) for station in (CIVIL, LABIM)],
}


def seen_back(network: Network) -> Rental:
    """A rental that a changed slot ended after two minutes."""
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=2)
    network.report_slot_change(LABIM, rental.powerbank_sn, SLOT)
    assert network.rental(rental).state is RentalState.COMPLETED
    return rental


@pytest.mark.parametrize("later", LATER.values(), ids=LATER)
def test_an_early_return_in_doubt_makes_no_later_return_free(
    network: Network, later: Callable[[Network, str], object]
) -> None:
    rental = seen_back(network)
    network.fake_world.clock.advance(minutes=50)
    later(network, rental.powerbank_sn)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert refused(network, rental) == "powerbank_not_returned"
    assert network.books_balance()


def test_a_return_in_doubt_is_not_free_once_the_next_customer_has_the_power_bank(network: Network) -> None:
    rental = seen_back(network)
    network.fake_world.clock.advance(minutes=20)
    network.report_snapshot(LABIM, without=rental.powerbank_sn, plus=(SLOT, rental.powerbank_sn))
    order = RentalOrder(LABIM.sn, HOUR, rental.powerbank_sn)
    caller = network.sessions[network.customer()].caller(network.world, *order.prefetch_keys())
    starting.start(network.world, caller, order)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert network.bank(rental.powerbank_sn).custody is Custody.RENTED
    assert refused(network, rental) == "powerbank_not_returned"


def test_a_return_frame_within_a_minute_ends_the_doubt(network: Network) -> None:
    rental = seen_back(network)
    network.fake_world.clock.advance(seconds=20)
    network.report_return(LABIM, rental.powerbank_sn, SLOT)
    assert not network.rental(rental).return_in_doubt
    assert cancel(network, rental).status == 200
