"""A power bank that was tied to a rental, and is tied to it no more."""

import pytest

from chalicelib.domain.rentals.rental_state import RentalState
from tests.scenarios.wrong_slot_scenario import OTHER, PRICE_PAISA, own_came_out_later, paid_paisa, seconds
from tests.world.builders import LABIM
from tests.world.network import Network


@pytest.mark.parametrize("lists", [1, 2])
def test_two_lists_of_the_own_power_bank_end_the_rental_once_the_other_one_is_elsewhere(
    network: Network, lists: int
) -> None:
    """The answer came after the list that tied the other power bank, so that its return ends nothing."""
    rental = own_came_out_later(network)
    assert network.rental(rental).state is RentalState.ACTIVE
    for _ in range(lists):
        seconds(network, 60)
        network.report_snapshot(LABIM, without=OTHER)
    assert network.rental(rental).state is (RentalState.ACTIVE if lists == 1 else RentalState.COMPLETED)
    assert paid_paisa(rental) == PRICE_PAISA
    assert network.books_balance()
