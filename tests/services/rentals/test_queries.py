"""A customer's rentals, page by page."""

from datetime import timedelta

import pytest

from chalicelib.services.rentals import queries
from tests.world.builders import LABIM
from tests.world.fake_world import BEGINNING
from tests.world.network import Network


@pytest.mark.parametrize("limit", [1, 2, 20])
def test_rentals_are_listed_newest_first_page_by_page(network: Network, limit: int) -> None:
    user = network.customer()
    made = []
    for _ in range(3):
        rental = network.rented(user)
        made.append(rental.rental_id)
        network.fake_world.clock.advance(minutes=5)
        network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        network.fake_world.clock.advance(minutes=5)
    names: list[str] = []
    before: str | None = None
    while True:
        caller = network.sessions[user].caller(network.world)
        page, before = queries.rentals_of(caller, limit=limit, before=before, matches=lambda _: True)
        names += [rental.rental_id for rental in page]
        if before is None:
            break
    assert names == made[::-1]
    assert network.world.now() - BEGINNING > timedelta(minutes=20)


@pytest.mark.parametrize("unwanted", [0, 1, 2])
def test_a_filter_drops_no_matching_rental_between_pages(network: Network, unwanted: int) -> None:
    """It holds also when the last rental read completes a page."""
    user = network.customer()
    made = []
    for _ in range(3):
        rental = network.rented(user)
        made.append(rental.rental_id)
        network.fake_world.clock.advance(minutes=5)
        network.report_return(LABIM, rental.powerbank_sn, slot=rental.station.slot_number)
        network.fake_world.clock.advance(minutes=5)
    remaining = [item for number, item in enumerate(reversed(made)) if number != unwanted]
    names: list[str] = []
    before: str | None = None
    while True:
        caller = network.sessions[user].caller(network.world)
        page, before = queries.rentals_of(
            caller, limit=1, before=before, matches=lambda rental: rental.rental_id in remaining
        )
        names += [rental.rental_id for rental in page]
        if before is None:
            break
    assert names == remaining
