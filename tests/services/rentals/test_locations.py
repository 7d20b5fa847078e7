"""Where the power bank of an active rental is: one point a minute."""

from typing import Any

import pytest

from app import app
from chalicelib.domain.rentals.rental import Rental
from chalicelib.tables.rental_locations import RentalLocationRow
from tests.world.builders import LABIM
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, Network
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

PLACE = {"latitude": 27.6776, "longitude": 85.3188, "accuracy": 12.5}


def send(network: Network, rental: Rental, token: str | None = None, **changes: Any) -> Reply:
    path = f"/api/rentals/{rental.rental_id}/location"
    return request(app, "POST", path, PLACE | changes, token=token or token_of(network, rental.user_id))


def points(rental: Rental) -> list[tuple[float, float]]:
    return [(row.latitude, row.longitude) for row in RentalLocationRow.query(rental.user_id)]


def test_one_point_a_minute_is_stored(network: Network) -> None:
    rental = network.rented(network.customer())
    assert [send(network, rental).data["is_stored"] for _ in range(2)] == [True, False]
    network.fake_world.clock.advance(minutes=1)
    assert send(network, rental, latitude=27.7).data["is_stored"]
    assert points(rental) == [(27.6776, 85.3188), (27.7, 85.3188)]


def test_a_place_is_stored_to_eleven_centimetres(network: Network) -> None:
    """DynamoDB has no numbers as small as those that JSON can hold."""
    rental = network.rented(network.customer())
    assert send(network, rental, latitude=1e-140, longitude=85.31884444444, accuracy=1e-200).data["is_stored"]
    assert points(rental) == [(0, 85.318844)]


def test_a_point_ends_after_thirty_days(network: Network) -> None:
    rental = network.rented(network.customer())
    send(network, rental)
    (row,) = RentalLocationRow.query(rental.user_id)
    assert row.expires - int(network.world.now().timestamp()) == 30 * 24 * 3600


def test_only_an_active_rental_of_the_caller_has_a_location(network: Network) -> None:
    rental = network.start(network.customer())
    other, token = token_of(network, network.customer()), token_of(network, rental.user_id)
    before = all_rows()
    assert send(network, rental, token).code == "rental_not_active"
    assert send(network, rental, other).code == "not_found"
    assert all_rows() == before
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, rental.powerbank_sn, EJECTED)
    assert send(network, rental).status == 200
    network.fake_world.clock.advance(minutes=2)
    network.report_return(LABIM, rental.powerbank_sn)
    assert send(network, rental).code == "rental_not_active"


@pytest.mark.parametrize("field", [{"latitude": 90.5}, {"longitude": -181}, {"accuracy": -1}, {"accuracy": 10**6}])
def test_an_impossible_place_is_refused(network: Network, field: dict[str, Any]) -> None:
    rental = network.rented(network.customer())
    reply = send(network, rental, **field)
    assert (reply.status, list(reply.body["errors"])) == (422, list(field))
    assert points(rental) == []
