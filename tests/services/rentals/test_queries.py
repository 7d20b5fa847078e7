"""A customer's rentals, page by page."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.rentals.rental import Rental
from chalicelib.services.rentals import queries
from tests.world.builders import LABIM
from tests.world.fake_world import BEGINNING
from tests.world.network import Network


def three_returned_rentals(network: Network, user: str) -> list[str]:
    """The ids of three rentals, the oldest first."""
    made = []
    for _ in range(3):
        rental = network.rented(user)
        made.append(rental.rental_id)
        network.fake_world.clock.advance(minutes=5)
        network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        network.fake_world.clock.advance(minutes=5)
    return made


def all_pages(network: Network, user: str, limit: int, matches: Callable[[Rental], bool]) -> list[str]:
    """The ids of the matching rentals, read page by page."""
    ids: list[str] = []
    before: str | None = None
    while True:
        caller = network.sessions[user].caller(network.world)
        page, before = queries.rentals_of(caller, limit=limit, before=before, matches=matches)
        ids += [rental.rental_id for rental in page]
        if before is None:
            return ids


@pytest.mark.parametrize("limit", [1, 2, 20])
def test_rentals_are_listed_newest_first_page_by_page(network: Network, limit: int) -> None:
    user = network.customer()
    made = three_returned_rentals(network, user)
    assert all_pages(network, user, limit, lambda _: True) == made[::-1]
    assert network.world.now() - BEGINNING > timedelta(minutes=20)


@pytest.mark.parametrize("unwanted", [0, 1, 2])
def test_a_filter_drops_no_matching_rental_between_pages(network: Network, unwanted: int) -> None:
    """It holds also when the last rental read completes a page."""
    user = network.customer()
    made = three_returned_rentals(network, user)
    remaining = [item for number, item in enumerate(reversed(made)) if number != unwanted]
    assert all_pages(network, user, 1, lambda rental: rental.rental_id in remaining) == remaining
