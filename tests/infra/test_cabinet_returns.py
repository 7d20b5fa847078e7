"""Returns to a simulated cabinet: with power, without it, and while the cabinet is offline."""

from typing import Any

import pytest
from flask import Flask, request

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent
from chalicelib.domain.cabinets.cabinet_protocol.frames import (
    Heartbeat,
    Returned,
    SlotChange,
    Snapshot,
    decode,
)
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.cabinets.http_calls import CabinetHttp, sign
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.serving import Serving
from tests.infra.one_cabinet import FIRST, IMEI, After, eject, events_of


def test_a_return_is_reported_with_its_slot(cabinets: SimulatedCabinets, after: After) -> None:
    cabinets.add_powerbank_in_use("55555555", 33)
    assert cabinets.return_powerbank(IMEI, "55555555") == 3
    (frame,) = after(2)
    assert isinstance(frame, Returned)
    assert (frame.powerbank_sn, frame.slot_number, frame.battery_percent) == ("55555555", 3, 33)
    assert frame.accepted
    assert cabinets.out() == []


def test_a_return_without_power_is_reported_by_slot_change_and_snapshot(
    cabinets: SimulatedCabinets, after: After
) -> None:
    cabinets.add_powerbank_in_use("55555555")
    cabinets.return_powerbank(IMEI, "55555555", slot=4, via="power_off")
    changed, snapshot = after(2)
    assert isinstance(changed, SlotChange)
    assert (changed.slot.slot_number, changed.slot.powerbank_sn) == (4, "55555555")
    assert isinstance(snapshot, Snapshot)


def test_a_return_over_http_sends_no_message(cabinets: SimulatedCabinets, after: After) -> None:
    cabinets.add_powerbank_in_use("55555555")
    assert cabinets.return_powerbank(IMEI, "55555555", via="http") == 3
    assert after(5) == []


def test_a_return_and_a_snapshot_over_http_call_the_api(cabinets: SimulatedCabinets, after: After) -> None:
    calls: list[tuple[str, str, dict[str, str], bytes]] = []
    api = Flask("api")

    @api.route("/<path:path>", methods=["GET", "POST"])
    def called(path: str) -> str:
        calls.append((request.method, path, request.args.to_dict(), request.get_data()))
        return "{}"

    serving = Serving(api).start()
    cabinets.call_over(CabinetHttp(serving.url))
    cabinets.add_powerbank_in_use("55555555")
    cabinets.return_powerbank(IMEI, "55555555", via="http")
    assert after(5) == []
    cabinets.snapshot(IMEI, via="http")
    serving.stop()
    (back, upload) = calls
    params = {"rentboxSN": IMEI, "singleSN": "55555555", "hole": "3"}
    assert back == ("GET", "api/rentbox/order/return", {**params, "sign": sign(params)}, b"")
    assert upload[:2] == ("POST", "api/rentbox/upload/data")
    assert isinstance(decode(upload[3]), Snapshot)
    with pytest.raises(ValueError, match="pigeon"):
        cabinets.snapshot(IMEI, via="pigeon")


def test_the_sign_is_that_of_a_real_cabinet() -> None:
    assert sign({"rentboxSN": "864601069946994", "signal": "CSQ:31"}) == "4f8f934042c84159cbfe360ed2c90d89"
    called = {"hole": "3", "rentboxSN": "864601069946994", "singleSN": "40818052"}
    assert sign(called) == "13ef57650bf2bec3a36835a67a7c2846"


def test_only_a_powerbank_in_use_goes_into_a_free_slot(cabinets: SimulatedCabinets, after: After) -> None:
    cabinets.add_powerbank_in_use("55555555")
    for powerbank_sn, slot, via in [
        (FIRST, None, "mqtt"),
        ("1", None, "mqtt"),
        ("55555555", 1, "mqtt"),
        ("55555555", 9, "mqtt"),
        ("55555555", None, "pigeon"),
    ]:
        with pytest.raises(ValueError, match=r"."):
            cabinets.return_powerbank(IMEI, powerbank_sn, slot, via)
    with pytest.raises(KeyError):
        cabinets.return_powerbank("unknown", "55555555")
    assert cabinets.out() == ["55555555"]
    for n in ("55555555", "66666666"):
        cabinets.add_powerbank_in_use(n)
        cabinets.return_powerbank(IMEI, n)
    cabinets.add_powerbank_in_use("77777777")
    with pytest.raises(ValueError, match="no slot is free"):
        cabinets.return_powerbank(IMEI, "77777777")


def test_an_offline_cabinet_receives_and_reports_nothing(
    cabinets: SimulatedCabinets, after: After, queue: MnsQueue
) -> None:
    cabinets.add_powerbank_in_use("55555555")
    cabinets.behave(IMEI, {"online": False})
    assert [event.kind for event in events_of(queue)] == ["offline"]
    eject(cabinets, FIRST)
    cabinets.return_powerbank(IMEI, "55555555")
    assert after(3600) == []
    assert (cabinets.online(IMEI), cabinets.out()) == (False, [])
    cabinets.behave(IMEI, {"online": True})
    assert [event.kind for event in events_of(queue)] == ["online"]
    assert [type(frame) for frame in after(2)] == [SlotChange, Snapshot]


def return_in_outage(cabinets: SimulatedCabinets, queue: MnsQueue, **behaviour: Any) -> list[DeviceEvent]:
    """A power bank returns while the cabinet is offline. Returns the messages about the connection."""
    cabinets.add_powerbank_in_use("55555555")
    cabinets.behave(IMEI, {"online": False, **behaviour})
    cabinets.return_powerbank(IMEI, "55555555", slot=4)
    cabinets.behave(IMEI, {"online": True})
    return events_of(queue)


def test_heartbeats_come_before_the_report_on_demand(
    cabinets: SimulatedCabinets, queue: MnsQueue, after: After
) -> None:
    return_in_outage(cabinets, queue, frames_before_report=3)
    sent = after(10)
    assert [type(frame) for frame in sent] == [Heartbeat, Heartbeat, Heartbeat, SlotChange, Snapshot]


def test_a_return_of_an_outage_is_reported_by_a_return_frame_on_demand(
    cabinets: SimulatedCabinets, queue: MnsQueue, after: After
) -> None:
    return_in_outage(cabinets, queue, return_frames_after_outage=True)
    assert [type(frame) for frame in after(10)] == [Returned, Snapshot]


def test_messages_about_the_connection_are_lost_on_demand(cabinets: SimulatedCabinets, queue: MnsQueue) -> None:
    assert return_in_outage(cabinets, queue, loses_status=True) == []
