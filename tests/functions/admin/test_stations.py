"""Stations for operators: registered, changed, set aside for maintenance, and deleted once nothing rests on them."""

from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.domain.operators.role import Role
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.stations import listing_refresh, station_views
from chalicelib.tables import cabinets
from chalicelib.tables.dynamodb import fetch_one
from infra.local.seeds.demo_stations import DemoStation
from tests.functions.sample_bodies import STATION_BODY
from tests.functions.test_budgets import calls
from tests.world.builders import LABIM
from tests.world.forms import form
from tests.world.http_client import Reply, request
from tests.world.network import EJECTED, REFUSED, Network
from tests.world.pictures import phone_photo
from tests.world.real_tables import all_rows
from tests.world.tokens import token_of

URL, NEW, NEW_IMEI = "/api/admin/stations", "41000001", "864601069949999"
BODY = STATION_BODY | {"images": []}


@pytest.fixture
def token(network: Network) -> str:
    return token_of(network, network.operator("admin2@example.com", Role.ADMIN).user_id)


def add(token: str, **changed: Any) -> Reply:
    return request(app, "POST", URL, BODY | {"serial_number": NEW} | changed, token=token)


def patch(token: str, sn: str = LABIM.sn, **changed: Any) -> Reply:
    return request(app, "PATCH", f"{URL}/{sn}", changed, token=token)


def maintain(token: str, *, on: bool) -> Reply:
    return request(app, "POST", f"{URL}/{LABIM.sn}/maintenance", {"is_maintenance": on}, token=token)


def upload_image(token: str) -> str:
    raw, kind = form({}, "file", phone_photo())
    uploaded = request(app, "POST", "/api/app/upload", token=token, raw=raw, headers={"Content-Type": kind})
    return str(uploaded.data["id"])


def refresh(network: Network) -> None:
    listing_refresh.refresh(network.world)
    station_views.listing_cache.clear()


def log_rows(action: str) -> list[str]:
    rows = next(rows for name, rows in all_rows().items() if name.endswith("-audit_log"))
    return [row for row in rows if action in row]


def test_a_new_station_is_shown_to_operators_at_once_and_to_customers_within_a_minute(
    network: Network, token: str
) -> None:
    reply = add(token)
    assert (reply.status, reply.data["status"], reply.data["total_slots"]) == (201, "OFFLINE", 8)
    assert (reply.data["latitude"], reply.data["longitude"]) == ("27.673", "85.325")
    read = request(app, "GET", f"{URL}/{NEW}", token=token).data
    assert (read["slots"], read["powerbanks"], read["imei"]) == ([], [], NEW_IMEI)
    refresh(network)
    shown = request(app, "GET", f"/api/app/stations?search={NEW}").data["results"]
    assert [station["name"] for station in shown] == ["Patan Museum"]
    assert len(log_rows("station_created")) == 1


def test_a_serial_number_or_an_imei_is_registered_once(network: Network, token: str) -> None:
    assert add(token).status == 201
    before = all_rows()
    for changed in ({}, {"serial_number": "41000002"}, {"imei": "864601069949998"}):
        again = add(token, **changed)
        assert (again.status, again.code) == (409, "station_exists"), changed
    assert patch(token, NEW, imei=LABIM.imei).code == "station_exists"
    assert all_rows() == before


def test_the_detail_has_slots_with_power_banks_and_their_rentals(network: Network, token: str) -> None:
    rental = network.start(network.customer())
    detail = request(app, "GET", f"{URL}/{LABIM.sn}", token=token).data
    slot = next(slot for slot in detail["slots"] if slot["slot_number"] == rental.station.slot_number)
    assert (slot["status"], slot["current_rental_id"]) == ("OCCUPIED", rental.rental_id)
    assert slot["powerbank"]["serial_number"] == rental.powerbank_sn
    assert (detail["total_slots"], detail["available_slots"], detail["total_powerbanks"]) == (8, 3, 5)
    assert (detail["occupied_slots"], detail["available_powerbanks"], len(detail["powerbanks"])) == (5, 4, 5)
    assert detail["hardware_info"]["is_online"]


def test_a_change_is_in_the_audit_log_with_before_and_after(network: Network, token: str) -> None:
    changed = patch(token, landmark="Gate 2", amenities=["wifi", "parking"])
    assert (changed.data["landmark"], changed.data["amenities"]) == ("Gate 2", ["wifi", "parking"])
    patch(token, landmark="Gate 2")
    (entry,) = log_rows("station_changed")
    assert "Gate 2" in entry
    assert LABIM.landmark in entry
    assert patch(token, "41999999", landmark="x").status == 404


def test_places_are_stored_in_six_digits(network: Network, token: str) -> None:
    """The database takes no number that is nearer to zero than 1e-130."""
    changed = patch(token, latitude=27.71234567, longitude=-3.45e-303)
    assert (changed.status, changed.data["latitude"], changed.data["longitude"]) == (200, "27.712346", "0.0")
    added = add(token, latitude=1e-200, longitude=85.3)
    assert (added.status, added.data["latitude"]) == (201, "0.0")


def test_a_replacement_gives_every_other_field_its_default(network: Network, token: str) -> None:
    add(token)
    needed = ("station_name", "imei", "latitude", "longitude", "address")
    reply = request(app, "PUT", f"{URL}/{NEW}", {name: BODY[name] for name in needed}, token=token)
    assert (reply.data["amenities"], reply.data["opening_time"], reply.data["landmark"]) == ([], "00:00", "")


def test_an_image_is_an_upload_of_the_operator_and_stays_by_its_address(network: Network, token: str) -> None:
    first, second = (upload_image(token) for _ in range(2))
    added = add(token, images=[first]).data["media"]
    assert [(image["id"], image["is_primary"]) for image in added] == [(first, True)]
    changed = patch(token, NEW, images=[second, added[0]["file_url"]]).data["media"]
    assert [image["id"] for image in changed] == [second, first]
    strangers = upload_image(token_of(network, network.customer()))
    refused = patch(token, NEW, images=[strangers])
    assert (refused.status, refused.code) == (422, "upload_unusable")


def test_messages_of_a_new_modem_are_those_of_its_station(network: Network, token: str) -> None:
    assert patch(token, imei=NEW_IMEI).data["imei"] == NEW_IMEI
    assert fetch_one(cabinets.binding_key(LABIM.imei)) is None
    binding = fetch_one(cabinets.binding_key(NEW_IMEI))
    assert binding is not None
    assert binding.sn == LABIM.sn
    assert network.start(network.customer()).station.imei == NEW_IMEI


def test_a_station_in_maintenance_ejects_nothing_and_takes_returns(network: Network, token: str) -> None:
    rental = network.rented(network.customer())
    assert maintain(token, on=True).data["status"] == "MAINTENANCE"
    with pytest.raises(Problem, match="station_in_maintenance"):
        network.start(network.customer())
    assert request(app, "GET", f"/api/app/stations/{LABIM.sn}").data["status"] == "maintenance"
    network.fake_world.clock.advance(minutes=5)
    network.report_return(LABIM, rental.powerbank_sn, rental.station.slot_number)
    assert network.rental(rental).state is RentalState.COMPLETED
    maintain(token, on=True)
    assert maintain(token, on=False).data["status"] == "ONLINE"
    assert len(log_rows("station_maintenance")) == 2
    assert network.start(network.customer()).state is RentalState.STARTING
    assert network.books_balance()


def test_a_rental_that_is_starting_goes_on_in_maintenance_without_a_second_power_bank(
    network: Network, token: str
) -> None:
    network.fake_world.settings = replace(network.fake_world.settings, eject_retries_count=1)
    first, second = network.customer(), network.customer()
    started = network.start(first)
    maintain(token, on=True)
    network.report_eject(LABIM, started.powerbank_sn, EJECTED)
    assert network.rental(started).state is RentalState.ACTIVE
    maintain(token, on=False)
    network.fake_world.clock.advance(seconds=30)
    refused = network.start(second)
    maintain(token, on=True)
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, refused.powerbank_sn, REFUSED)
    assert network.rental(refused).state is RentalState.FAILED
    assert network.books_balance()


def test_a_station_is_deleted_only_when_nothing_rests_on_it(network: Network, token: str) -> None:
    def delete(sn: str) -> Reply:
        return request(app, "DELETE", f"{URL}/{sn}", token=token)

    inside = delete(LABIM.sn)
    assert (inside.status, inside.code) == (409, "station_in_use")
    assert inside.body["error"]["details"] == {"reason": "powerbanks_inside", "count": 5}
    add(token)
    assert delete(NEW).status == 200
    assert (delete(NEW).status, request(app, "GET", f"{URL}/{NEW}", token=token).status) == (404, 404)
    assert fetch_one(cabinets.binding_key(NEW_IMEI)) is None
    assert len(log_rows("station_deleted")) == 1
    assert add(token).status == 201


def test_a_station_whose_last_power_bank_is_rented_is_not_deleted(network: Network, token: str) -> None:
    request(app, "POST", "/api/admin/powerbanks", {"serial_number": "40777777"}, token=token)
    add(token)
    museum = DemoStation(NEW, NEW_IMEI, "Patan Museum", "", "", 27.673, 85.325, 8, {1: ("40777777", 90)})
    network.fake_world.clock.advance(minutes=1)
    network.report_snapshot(museum)
    network.rented(network.customer(), museum)
    network.fake_world.clock.advance(minutes=1)
    refused = request(app, "DELETE", f"{URL}/{NEW}", token=token)
    assert refused.body["error"]["details"] == {"reason": "rentals_open", "count": 1}


def test_stations_are_listed_by_number_by_cursor_and_by_filter(network: Network, token: str) -> None:
    refresh(network)
    everything = request(app, "GET", f"{URL}?page_size=100", token=token).data
    sns = [station["serial_number"] for station in everything["results"]]
    assert everything["pagination"]["total_count"] == len(sns) > 2
    first = request(app, "GET", f"{URL}?limit=1", token=token).data
    second = request(app, "GET", f"{URL}?limit=1&cursor={first['next_cursor']}", token=token).data
    assert [first["results"][0]["serial_number"], second["results"][0]["serial_number"]] == sns[:2]
    assert request(app, "GET", f"{URL}?status=MAINTENANCE", token=token).data["results"] == []
    found = request(app, "GET", f"{URL}?search=labim", token=token).data["results"]
    assert [station["station_name"] for station in found] == [LABIM.name]


def test_the_routes_of_stations_take_few_calls(network: Network, token: str) -> None:
    refresh(network)
    assert calls(network, "GET", URL, token=token).calls == ["BatchGetItem", "BatchGetItem", "BatchGetItem", "Query"]
    assert calls(network, "GET", URL, token=token).calls == ["BatchGetItem", "BatchGetItem", "Query"]
    assert calls(network, "GET", f"{URL}/{LABIM.sn}", token=token).calls == ["BatchGetItem"] * 3
    added = calls(network, "POST", URL, BODY | {"serial_number": NEW}, token=token, want=201)
    assert added.calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems", "BatchGetItem"]
    changed = calls(network, "PATCH", f"{URL}/{NEW}", {"landmark": "x"}, token=token)
    assert changed.calls == ["BatchGetItem"] * 3 + ["TransactWriteItems", "BatchGetItem"]
    replaced = calls(network, "PUT", f"{URL}/{NEW}", BODY, token=token)
    assert replaced.calls == changed.calls
    maintained = calls(network, "POST", f"{URL}/{NEW}/maintenance", {"is_maintenance": True}, token=token)
    assert maintained.calls == ["BatchGetItem", "BatchGetItem", "TransactWriteItems", "BatchGetItem"]
    deleted = calls(network, "DELETE", f"{URL}/{NEW}", token=token)
    assert deleted.calls == ["BatchGetItem"] * 3 + ["Query", "Query", "TransactWriteItems"]
