"""A power bank that was tied to a rental, and is tied to it no more."""

import pytest

from chalicelib.domain.rentals.rental_state import RentalState
from tests.scenarios.wrong_slot_scenario import ASKED, OTHER, PRICE_PAISA, paid_paisa, seconds, wrong_slot_opened
from tests.world.builders import CIVIL, LABIM
from tests.world.network import EJECTED, Network


@pytest.mark.parametrize("lists", [1, 2])
def test_two_lists_of_the_own_power_bank_end_the_rental_once_the_other_one_is_elsewhere(
    network: Network, lists: int
) -> None:
    """The answer came after the list that tied the other power bank, so that its return ends nothing."""
    rental = wrong_slot_opened(network, None)
    seconds(network, 5)
    network.report_eject(LABIM, ASKED, EJECTED)
    seconds(network, 60)
    network.report_return(CIVIL, OTHER)
    assert network.rental(rental).state is RentalState.ACTIVE
    for _ in range(lists):
        seconds(network, 60)
        network.report_snapshot(LABIM, without=OTHER)
    assert network.rental(rental).state is (RentalState.ACTIVE if lists == 1 else RentalState.COMPLETED)
    assert paid_paisa(rental) == PRICE_PAISA
    assert network.books_balance()
