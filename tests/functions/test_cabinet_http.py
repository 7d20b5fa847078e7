"""What cabinets call over HTTP. Anybody can forge such a call: MQTT decides where the two differ."""

import json
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest

from app import app
from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.outbox import DEVICE_EVENTS
from chalicelib.services.rentals import ejects
from chalicelib.tables import event_log
from chalicelib.world import OutcomeUnknown
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from infra.local.cabinets.http_calls import sign
from tests.functions.test_consumers import feed
from tests.world.builders import CIVIL, LABIM
from tests.world.http_client import Reply, request
from tests.world.log_lines import alarm_names
from tests.world.network import Network

OCTETS = {"content-type": "application/octet-stream"}
UPLOADS = ("/api/rentbox/upload/data", "/api/rentbox/client/upload")
CONNECTS = ("/api/iot/client/con", "/api/rentbox/client/connect")


def query(**params: str) -> str:
    return "&".join(f"{name}={value}" for name, value in {**params, "sign": sign(params)}.items())


def returned(powerbank_sn: str, slot: int = 8, imei: str = LABIM.imei) -> Reply:
    params = query(rentboxSN=imei, singleSN=powerbank_sn, hole=str(slot), io="0")
    return request(app, "GET", f"/api/rentbox/order/return?{params}")


def uploaded(raw: bytes, path: str = UPLOADS[0], imei: str = LABIM.imei) -> Reply:
    params = query(rentboxSN=imei, signal="CSQ:31", ssid="cafe")
    return request(app, "POST", f"{path}?{params}", raw=raw, headers=OCTETS)


def delivered(network: Network) -> list[str]:
    """Hand the queued reports to their consumer. Returns the outcomes of the newest, the oldest first."""
    bodies = network.fake_world.queues.take(DEVICE_EVENTS)
    assert feed(DEVICE_EVENTS, *bodies) == []
    imei = str(bodies[0]["imei"])
    return [entry.outcome for entry in reversed(event_log.newest(imei, limit=50)) if entry.name.startswith("http")]


def rented(network: Network) -> Rental:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=5)
    return rental


def contents(*, without: str = "", plus: tuple[int, str] | None = None) -> list[SlotContent]:
    banks: dict[int, Any] = {n: bank for n, bank in LABIM.slots().items() if bank[0] not in (None, without)}
    if plus is not None:
        banks[plus[0]] = (plus[1], 40)
    return [SlotContent(number, *banks.get(number, (None, 0))) for number in LABIM.slots()]


def test_a_return_over_http_is_asked_for_over_mqtt_which_ends_the_rental(network: Network) -> None:
    rental = rented(network)
    reply = returned(rental.powerbank_sn)
    assert (reply.status, reply.body["code"], reply.body["type"], reply.body["msg"]) == (200, 200, 0, "ok")
    assert reply.data is None
    assert delivered(network) == ["asked_over_mqtt"]
    assert network.rental(rental) == rental
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    assert event_log.of_rental(rental.rental_id, after=None, limit=9)[-1].outcome == "asked_over_mqtt"
    network.report_snapshot(LABIM, without=rental.powerbank_sn, plus=(8, rental.powerbank_sn))
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.books_balance()


def test_a_return_after_the_frame_is_the_same_fact(network: Network) -> None:
    rental = rented(network)
    network.report_return(LABIM, rental.powerbank_sn)
    ended = network.rental(rental)
    returned(rental.powerbank_sn)
    assert delivered(network) == ["not_out"]
    assert network.rental(rental) == ended


@pytest.mark.parametrize("slot", [3, 99, 0])
def test_a_return_into_a_taken_or_missing_slot_moves_nothing(
    network: Network, log_output: StringIO, slot: int
) -> None:
    rental = rented(network)
    assert LABIM.slots()[3][0] not in (None, rental.powerbank_sn)
    returned(rental.powerbank_sn, slot)
    assert delivered(network) == ["contradicted"]
    assert network.rental(rental).state is RentalState.ACTIVE
    assert Alarm.CABINET_HTTP_CONTRADICTED.value in alarm_names(log_output)


def test_a_return_of_a_power_bank_that_may_have_stayed_moves_nothing(network: Network) -> None:
    rental = network.unanswered_start(network.customer())
    network.fake_world.clock.advance(minutes=11)
    ejects.sweep(network.world)
    assert network.bank(rental.powerbank_sn).custody is Custody.UNKNOWN
    before = network.rental(rental)
    returned(rental.powerbank_sn)
    assert delivered(network) == ["not_out"]
    assert network.rental(rental) == before


@pytest.mark.parametrize("powerbank_sn", ["free", "77777777"])
def test_a_return_of_a_power_bank_that_is_not_out_moves_nothing(network: Network, powerbank_sn: str) -> None:
    free = next(bank for bank, _ in CIVIL.slots().values() if bank)
    before = network.bank(free)
    returned(free if powerbank_sn == "free" else powerbank_sn)
    assert delivered(network) == ["not_out"]
    assert network.bank(free) == before


@pytest.mark.parametrize("path", UPLOADS)
def test_a_snapshot_that_says_nothing_new_changes_nothing(network: Network, path: str) -> None:
    network.report_snapshot(LABIM)
    network.fake_world.clock.advance(minutes=5)
    assert uploaded(frames.snapshot(contents()), path).status == 200
    assert delivered(network) == ["confirmed"]
    assert network.fake_world.cabinets.checks == []


def test_a_snapshot_that_differs_is_asked_for_over_mqtt(network: Network) -> None:
    rental = rented(network)
    raw = frames.snapshot(contents(without=rental.powerbank_sn, plus=(8, rental.powerbank_sn)))
    uploaded(raw)
    uploaded(raw)
    assert delivered(network) == ["asked_over_mqtt", "asked_over_mqtt"]
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.fake_world.cabinets.checks == [LABIM.imei]


def test_bytes_that_are_no_frame_are_refused(network: Network) -> None:
    assert [uploaded(raw).status for raw in (b"", b"hello", frames.snapshot([])[:-1], b"x" * 9_000)] == [
        400,
        400,
        400,
        413,
    ]
    assert network.fake_world.queues.take(DEVICE_EVENTS) == []


def test_only_registered_cabinets_are_served(network: Network, log_output: StringIO) -> None:
    imei = "860000000000001"
    replies = [
        returned("40818052", imei=imei),
        uploaded(frames.heartbeat(), imei=imei),
        request(app, "GET", f"{CONNECTS[0]}?{query(uuid=imei)}"),
        request(app, "GET", f"/api/rentbox/config/data?{query(rentboxSN=imei)}"),
    ]
    assert [reply.status for reply in replies] == [404] * 4
    assert network.fake_world.queues.take(DEVICE_EVENTS) == []
    assert alarm_names(log_output) == [Alarm.CABINET_UNKNOWN.value] * 4


def test_a_cabinet_and_an_address_have_limits(network: Network) -> None:
    network.fake_world.settings = replace(
        network.fake_world.settings, cabinet_http_per_cabinet_hour=2, cabinet_http_per_address_hour=3
    )
    config = "/api/rentbox/config/data"
    paths = [f"{config}?{query(rentboxSN=station.imei)}" for station in (LABIM, LABIM, LABIM, CIVIL, CIVIL)]
    replies = [request(app, "GET", path) for path in paths]
    assert [reply.status for reply in replies] == [200, 200, 429, 200, 429]
    assert replies[2].headers["Retry-After"] == "3600"
    network.fake_world.clock.advance(hours=1)
    assert request(app, "GET", paths[0]).status == 200


def test_a_stranger_uses_up_no_calls_of_a_cabinet(network: Network) -> None:
    network.fake_world.settings = replace(network.fake_world.settings, cabinet_http_per_cabinet_hour=2)
    path = f"/api/rentbox/config/data?{query(rentboxSN=LABIM.imei)}"
    strangers = [request(app, "GET", path, address="203.0.113.7") for _ in range(3)]
    assert [reply.status for reply in strangers] == [200, 200, 429]
    assert request(app, "GET", path, address="198.51.100.9").status == 200


def test_the_addresses_of_one_ipv6_network_use_up_no_calls_of_a_cabinet(network: Network) -> None:
    network.fake_world.settings = replace(network.fake_world.settings, cabinet_http_per_cabinet_hour=1)
    path = f"/api/rentbox/config/data?{query(rentboxSN=LABIM.imei)}"
    strangers = [request(app, "GET", path, address=f"2001:db8:1:2::{number:x}") for number in range(12)]
    assert [reply.status for reply in strangers] == [200] + [429] * 11
    assert request(app, "GET", path, address="198.51.100.9").status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", CONNECTS)
def test_a_cabinet_without_a_connection_gets_its_connection_data(network: Network, method: str, path: str) -> None:
    network.report_status(LABIM, DeviceEventKind.OFFLINE)
    reply = request(app, method, f"{path}?{query(uuid=LABIM.imei, deviceId='0', simUUID='8986', simMobile='')}")
    assert reply.data.split(",") == [
        LABIM.imei,
        "pk",
        "pk.example.com",
        "1883",
        f"{LABIM.imei}&pk",
        "password",
        "1705661910800",
    ]


def test_a_connected_cabinet_gets_no_connection_data(network: Network) -> None:
    network.report_frame(LABIM, frames.heartbeat())
    path = f"{CONNECTS[0]}?{query(uuid=LABIM.imei)}"
    assert (request(app, "GET", path).status, request(app, "GET", path).code) == (409, "cabinet_connected")
    network.fake_world.clock.advance(minutes=9)
    assert request(app, "GET", path).code == "cabinet_connected"
    network.fake_world.clock.advance(minutes=network.fake_world.settings.cabinet_silent_minutes)
    network.fake_world.cabinets.fails = OutcomeUnknown("iot")
    assert request(app, "GET", path).code == "cabinet_unavailable"


def test_a_cabinet_reads_its_configuration(network: Network) -> None:
    network.fake_world.settings = replace(network.fake_world.settings, cabinet_area_code=73)
    for method in ("GET", "POST"):
        reply = request(app, method, f"/api/rentbox/config/data?{query(rentboxSN=LABIM.imei)}")
        assert json.loads(reply.data)["dAreaConfig"] == "73"
