"""A cabinet lists a power bank once more after its eject, and then no more: it is out all the time."""

from datetime import datetime

import pytest

from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_clock import minutes_used
from chalicelib.domain.rentals.rental_state import RentalState
from tests.scenarios.wrong_slot_scenario import ASKED, ASKED_SLOT, seconds
from tests.world.builders import LABIM
from tests.world.network import PAY_AS_YOU_GO, Network


def listed_once_more(network: Network) -> Rental:
    """A rental of almost an hour, with a list every ten minutes. Only the first one has the power bank."""
    rental = network.rented(network.customer(), package=PAY_AS_YOU_GO)
    assert rental.powerbank_sn == ASKED
    seconds(network, 20)
    network.report_snapshot(LABIM)
    for _ in range(5):
        seconds(network, 600)
        network.report_snapshot(LABIM, without=ASKED)
    seconds(network, 300)
    return rental


def test_it_costs_the_time_until_the_return_frame(network: Network) -> None:
    rental = listed_once_more(network)
    network.report_return(LABIM, ASKED, ASKED_SLOT)
    ended = network.rental(rental)
    assert (ended.state, minutes_used(ended, network.world.now())) == (RentalState.DUE, 55)
    assert network.books_balance()


def test_it_is_back_when_two_later_lists_have_it(network: Network) -> None:
    rental = listed_once_more(network)
    network.report_snapshot(LABIM)
    assert network.rental(rental).state is RentalState.ACTIVE
    seconds(network, 10)
    network.report_snapshot(LABIM)
    ended = network.rental(rental)
    assert (ended.state, minutes_used(ended, network.world.now())) == (RentalState.DUE, 50)
    assert network.books_balance()


@pytest.mark.parametrize("repeated", [False, True])
def test_an_empty_list_from_before_the_listing_that_is_repeated_is_no_news(
    network: Network, *, repeated: bool
) -> None:
    rental = network.rented(network.customer(), package=PAY_AS_YOU_GO)
    read_at = list_without(network)
    network.report_snapshot(LABIM)
    seconds(network, 60)
    network.report_snapshot(LABIM, without=ASKED, read_at=read_at if repeated else None)
    seconds(network, 60)
    network.report_snapshot(LABIM)
    assert network.rental(rental).state is (RentalState.DUE if repeated else RentalState.ACTIVE)


def list_without(network: Network) -> datetime:
    """A list without the power bank ten minutes after the eject. Returns when the cabinet read it."""
    seconds(network, 600)
    read_at = network.world.now()
    network.report_snapshot(LABIM, without=ASKED)
    seconds(network, 60)
    return read_at
