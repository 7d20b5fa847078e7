"""Budgets of the changes that customers make: the number of DynamoDB calls of each, counted as in `test_budgets`."""

from chalicelib.domain.users.upload import Purpose
from chalicelib.services.media import uploads
from tests.functions.test_budgets import SESSION, calls
from tests.world.builders import LABIM
from tests.world.network import HOUR, Network
from tests.world.pictures import phone_photo


def test_reporting_a_station_takes_two_calls(network: Network) -> None:
    """The calls read the caller with the station, the last report and the images, and write once."""
    user = network.customer()
    caller = network.sessions[user].caller(network.world)
    images = [uploads.receive(network.world, caller, phone_photo(), Purpose.GENERAL).upload_id for _ in range(2)]
    report = {"issue_type": "dirty", "description": "sticky", "images": images}
    path = f"/api/stations/{LABIM.sn}/report-issue"
    assert calls(network, "POST", path, report, user=user, want=201).round_trips == 2


def test_reporting_a_faulty_powerbank_takes_two_calls(network: Network) -> None:
    """The power bank and the counters are changed in place: no call reads them."""
    user = network.customer()
    path = f"/api/rentals/{network.rented(user).rental_id}/report-issue"
    report = {"issue_type": "not_working", "description": "no light"}
    assert calls(network, "POST", path, report, user=user, want=201).calls == ["BatchGetItem", "TransactWriteItems"]


def test_extending_takes_two_calls(network: Network) -> None:
    """The calls read the caller with the rental and the package, and write once."""
    user = network.customer()
    path = f"/api/rentals/{network.rented(user).rental_id}/extend"
    counts = calls(network, "POST", path, {"package_id": HOUR}, user=user)
    assert counts.calls == ["BatchGetItem", "TransactWriteItems"]


def test_cancelling_a_starting_rental_takes_two_calls(network: Network) -> None:
    """The power bank is changed in place: no call reads it."""
    user = network.customer()
    path = f"/api/rentals/{network.start(user).rental_id}/cancel"
    assert calls(network, "POST", path, {}, user=user).calls == ["BatchGetItem", "TransactWriteItems"]


def test_cancelling_after_a_return_takes_two_calls(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    network.fake_world.clock.advance(minutes=1)
    network.report_return(LABIM, rental.powerbank_sn)
    counts = calls(network, "POST", f"/api/rentals/{rental.rental_id}/cancel", {}, user=user)
    assert counts.calls == ["BatchGetItem", "TransactWriteItems"]


def test_a_location_takes_one_call_beside_the_session(network: Network) -> None:
    """The session's read brings the rental too."""
    user = network.customer()
    path = f"/api/rentals/{network.rented(user).rental_id}/location"
    place = {"latitude": 27.7, "longitude": 85.3}
    assert calls(network, "POST", path, place, user=user).calls == [*SESSION, "PutItem"]


def test_a_favourite_takes_one_call_beside_the_session(network: Network) -> None:
    user, path = network.customer(), f"/api/stations/{LABIM.sn}/favorite"
    for method, body in (("POST", {}), ("DELETE", None)):
        assert calls(network, method, path, body, user=user).calls == [*SESSION, "TransactWriteItems"], method
        assert calls(network, method, path, body, user=user).calls == SESSION, method
