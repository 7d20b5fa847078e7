"""Simulated cabinets behave like real ones, with and without faults, in the sandbox's time."""

from typing import Any

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.frames import (
    EjectResult,
    Heartbeat,
    Snapshot,
    Verdict,
    decode,
)
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.simulation import Simulation
from tests.infra.one_cabinet import FIRST, IMEI, PRODUCT, SECOND, SN, After, eject, events_of, listed, results


def test_a_new_cabinet_goes_online_and_reports_its_slots(simulation: Simulation, queue: MnsQueue) -> None:
    cabinets = SimulatedCabinets(simulation, queue, own_thread=False)
    cabinets.add(IMEI, SN, PRODUCT, {1: (FIRST, 90), 2: (None, 0)})
    online, event = events_of(queue)
    assert (online.kind, event.kind, event.imei) == ("online", "frame", IMEI)
    assert online.at <= event.at  # an older snapshot would report nothing of the time before the connection
    snapshot = decode(event.frame)
    assert isinstance(snapshot, Snapshot)
    assert [(slot.powerbank_sn, slot.battery_percent) for slot in snapshot.slots] == [(FIRST, 90), (None, None)]
    assert cabinets.online(IMEI) is True
    assert cabinets.online("unknown") is None


def test_an_ejected_powerbank_is_listed_for_some_seconds(cabinets: SimulatedCabinets, after: After) -> None:
    eject(cabinets, SECOND)
    assert cabinets.busy()
    assert results(after(1.6)) == [(SECOND, 1)]
    assert cabinets.out() == [SECOND]
    cabinets.handle_command(IMEI, {"cmd": "check"})
    (early,) = after(1.6)
    assert isinstance(early, Snapshot)
    assert SECOND in {slot.powerbank_sn for slot in early.slots}
    after(3)
    assert listed(cabinets, after) == {1: FIRST, 2: None, 3: None, 4: None}
    assert not cabinets.busy()


@pytest.mark.parametrize(
    ("behaviour", "answered", "out"),
    [
        ({"eject": "ok"}, [(SECOND, 0x01)], [SECOND]),
        ({"eject": "fail"}, [(SECOND, 0x00)], []),
        ({"eject": "silent"}, [], [SECOND]),
        ({"eject": "dead"}, [], []),
        ({"eject": "wrong_slot"}, [(SECOND, 0x12)], [FIRST]),
        ({"eject": "wrong_slot_confirmed"}, [(SECOND, 0x01)], [FIRST]),
        ({"eject": "ok", "duplicate": 3}, [(SECOND, 0x01)] * 3, [SECOND]),
    ],
)
def test_ejects_fail_on_demand(
    cabinets: SimulatedCabinets,
    after: After,
    behaviour: dict[str, Any],
    answered: list[tuple[str, int]],
    out: list[str],
) -> None:
    cabinets.behave(IMEI, behaviour)
    eject(cabinets, SECOND)
    assert results(after(5)) == answered
    assert cabinets.out() == out


def test_a_restart_frees_a_jammed_slot(cabinets: SimulatedCabinets, after: After) -> None:
    cabinets.behave(IMEI, {"eject": "fail"})
    cabinets.handle_command(IMEI, {"cmd": "reboot"})
    after(6)
    eject(cabinets, SECOND)
    assert results(after(2)) == [(SECOND, 0x01)]


@pytest.mark.parametrize(
    "orders", [{"late_seconds": 90}, {"eject": {"late_seconds": 90}}, {"eject": "late_seconds", "late_seconds": 90}]
)
def test_a_late_answer_arrives_at_its_time(cabinets: SimulatedCabinets, after: After, orders: dict[str, Any]) -> None:
    cabinets.behave(IMEI, orders)
    eject(cabinets, SECOND)
    assert results(after(80)) == []
    assert cabinets.out() == [SECOND]
    assert results(after(20)) == [(SECOND, 1)]
    cabinets.behave(IMEI, {"eject": "ok"})
    eject(cabinets, FIRST)
    assert results(after(2)) == [(FIRST, 1)]


def test_a_second_eject_is_unfinished_and_an_unknown_powerbank_is_not_there(
    cabinets: SimulatedCabinets, after: After
) -> None:
    eject(cabinets, FIRST)
    eject(cabinets, SECOND)
    eject(cabinets, "99999999")
    eject(cabinets, "no number")
    match = after(5)
    assert results(match) == [(FIRST, 0x01), (SECOND, 0xFE), ("99999999", 0xFE), (None, 0xFF)]
    eject(cabinets, "99999999")
    assert results(after(5)) == [("99999999", 0xFC)]
    assert cabinets.out() == [FIRST]


def test_a_wrong_checksum_is_sent_on_demand(cabinets: SimulatedCabinets, after: After) -> None:
    cabinets.behave(IMEI, {"bad_checksum": True})
    eject(cabinets, FIRST)
    (frame,) = after(2)
    assert isinstance(frame, EjectResult)
    assert (frame.checksum_ok, frame.verdict) == (False, Verdict.EJECTED)


def test_messages_are_reordered_on_demand(cabinets: SimulatedCabinets, after: After) -> None:
    cabinets.behave(IMEI, {"reorder": True})
    eject(cabinets, FIRST)
    cabinets.handle_command(IMEI, {"cmd": "check"})
    assert [type(frame) for frame in after(2)] == [Snapshot, EjectResult]
    cabinets.snapshot(IMEI)
    assert after(0.5) == []
    assert [type(frame) for frame in after(1)] == [Snapshot]


def test_a_cabinet_reports_regularly_and_once_after_a_clock_jump(cabinets: SimulatedCabinets, after: After) -> None:
    assert [type(frame) for frame in after(10 * 60)] == [Heartbeat]
    assert {type(frame) for frame in after(11 * 60)} == {Heartbeat, Snapshot}
    assert sorted(type(frame).__name__ for frame in after(7 * 86400)) == ["Heartbeat", "Snapshot"]


def test_a_cabinet_lists_its_commands_and_frames(cabinets: SimulatedCabinets, after: After) -> None:
    eject(cabinets, FIRST)
    (sent,) = after(2)
    detail = cabinets.detail(IMEI)
    assert detail["commands"][-1]["command"] == {"cmd": "popup_sn", "data": FIRST}
    assert detail["frames"][-1]["hex"] == sent.raw.hex()
    (listing,) = cabinets.listing()
    assert (listing["imei"], listing["sn"], listing["online"]) == (IMEI, SN, True)
    assert listing["slots"][:2] == [
        {"slot_number": 1, "powerbank_sn": None, "battery_level": None},
        {"slot_number": 2, "powerbank_sn": SECOND, "battery_level": 80},
    ]
