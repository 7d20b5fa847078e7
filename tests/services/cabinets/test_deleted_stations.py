"""A power bank that comes back in the moment in which its station is deleted is not lost, and its rental ends."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operations.message_errors import Poison
from chalicelib.domain.operators.role import Role
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.tables import cabinets, stations
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.rows import Key
from infra.local.cabinets.frames import heartbeat
from infra.local.seeds.demo_stations import DemoStation
from tests.engines.interleaving import READING, WRITING, interleave
from tests.functions.sample_bodies import STATION_BODY
from tests.world.builders import LABIM
from tests.world.http_client import request
from tests.world.log_lines import alarms_count
from tests.world.network import Network
from tests.world.tokens import token_of

URL, SN, IMEI, SLOT = "/api/admin/stations", "41000001", "864601069949999", 3
MUSEUM = DemoStation(SN, IMEI, "Patan Museum", "", "", 27.673, 85.325, 8, {})


def register(token: str) -> None:
    added = request(app, "POST", URL, STATION_BODY | {"serial_number": SN, "images": []}, token=token)
    assert added.status == 201


@pytest.fixture
def token(network: Network) -> str:
    token = token_of(network, network.operator("admin2@example.com", Role.ADMIN).user_id)
    register(token)
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(MUSEUM)
    return token


def rented(network: Network) -> Rental:
    rental = network.rented(network.customer(), LABIM)
    network.fake_world.clock.advance(minutes=20)
    return rental


def by_return(network: Network, powerbank_sn: str) -> None:
    network.report_return(MUSEUM, powerbank_sn, SLOT)


def by_slot_change(network: Network, powerbank_sn: str) -> None:
    network.report_slot_change(MUSEUM, powerbank_sn, SLOT)


def by_snapshot(network: Network, powerbank_sn: str) -> None:
    network.report_snapshot(MUSEUM, plus=(SLOT, powerbank_sn))


Report = Callable[[Network, str], None]
REPORTS = [by_return, by_slot_change, by_snapshot]


def end(network: Network, rental: Rental) -> tuple[RentalState, Custody, str | None, int | None]:
    """The state of the rental, and where its power bank is."""
    bank = network.bank(rental.powerbank_sn)
    return network.rental(rental).state, bank.custody, bank.station_sn, bank.slot_number


def is_registered() -> list[bool]:
    """Whether the station has its row, its cabinet and the binding between them."""
    keys: list[Key[Any]] = [stations.station_key(SN), cabinets.cabinet_key(SN), cabinets.binding_key(IMEI)]
    return [fetch_one(key) is not None for key in keys]


@pytest.mark.parametrize("number", [1, 3], ids=["before the reads", "before the write"])
@pytest.mark.parametrize("report", REPORTS)
def test_a_return_that_comes_first_keeps_the_station(
    network: Network, token: str, report: Report, number: int
) -> None:
    rental = rented(network)
    before = READING if number == 1 else WRITING
    with interleave(lambda: report(network, rental.powerbank_sn), before=before):
        refused = request(app, "DELETE", f"{URL}/{SN}", token=token)
    assert (refused.status, refused.code) == (409, "station_in_use")
    assert end(network, rental) == (RentalState.COMPLETED, Custody.SLOT, SN, SLOT)
    assert is_registered() == [True, True, True]
    assert network.books_balance()


@pytest.mark.parametrize("report", REPORTS)
def test_a_deletion_that_comes_first_ends_the_rental_and_is_reported(
    network: Network, token: str, report: Report, log_output: StringIO
) -> None:
    rental = rented(network)
    with interleave(lambda: request(app, "DELETE", f"{URL}/{SN}", token=token)) as replies:
        report(network, rental.powerbank_sn)
    assert replies[0].status == 200
    assert end(network, rental) == (RentalState.COMPLETED, Custody.SLOT, SN, SLOT)
    assert is_registered() == [False, False, False]
    assert alarms_count(log_output, Alarm.CABINET_UNKNOWN) == 1
    assert network.books_balance()
    register(token)
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(MUSEUM, plus=(SLOT, rental.powerbank_sn))
    assert end(network, rental) == (RentalState.COMPLETED, Custody.SLOT, SN, SLOT)
    assert network.bank(rental.powerbank_sn).other_place is None


def test_a_return_after_the_deletion_waits_until_the_station_is_registered_again(
    network: Network, token: str
) -> None:
    rental = rented(network)
    assert request(app, "DELETE", f"{URL}/{SN}", token=token).status == 200
    returned_at = network.world.now()
    with pytest.raises(Poison):
        by_return(network, rental.powerbank_sn)
    assert (network.rental(rental).state, is_registered()) == (RentalState.ACTIVE, [False, False, False])
    network.fake_world.clock.advance(minutes=30)
    register(token)
    network.report_return(MUSEUM, rental.powerbank_sn, SLOT, at=returned_at)
    assert end(network, rental) == (RentalState.COMPLETED, Custody.SLOT, SN, SLOT)
    ended_at = network.rental(rental).ended_at
    assert ended_at is not None
    assert returned_at - ended_at < timedelta(minutes=1)
    assert network.books_balance()


def test_a_message_that_a_deletion_overtakes_stores_no_cabinet(network: Network, token: str) -> None:
    network.fake_world.clock.advance(minutes=40)
    with interleave(lambda: request(app, "DELETE", f"{URL}/{SN}", token=token)) as replies:
        network.report_frame(MUSEUM, heartbeat())
    assert replies[0].status == 200
    assert is_registered() == [False, False, False]
