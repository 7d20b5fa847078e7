"""Simulated cabinets behave like real ones, with and without faults, in the sandbox's time."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.cabinet_protocol.envelope import DeviceEvent, read_envelope
from chalicelib.domain.cabinet_protocol.frames import (
    EjectResult,
    Frame,
    Heartbeat,
    Returned,
    SlotChange,
    Snapshot,
    Verdict,
    decode,
)
from infra.local.cabinets import SimulatedCabinets
from infra.local.mns_queue import MnsQueue
from infra.local.simulation import Simulation

IMEI, SN, PRODUCT = "864601069946994", "40000444", "a1product"
FIRST, SECOND = "40818051", "40818052"


@pytest.fixture
def simulation() -> Simulation:
    return Simulation(pace=1)


@pytest.fixture
def queue() -> MnsQueue:
    return MnsQueue()


@pytest.fixture
def cabinets(simulation: Simulation, queue: MnsQueue) -> SimulatedCabinets:
    cabinets = SimulatedCabinets(simulation, queue, own_thread=False)
    cabinets.add(IMEI, SN, PRODUCT, {1: (FIRST, 90), 2: (SECOND, 80), 3: (None, 0), 4: (None, 0)})
    events_of(queue)
    return cabinets


@pytest.fixture
def after(simulation: Simulation, queue: MnsQueue, cabinets: SimulatedCabinets) -> Callable[[float], list[Frame]]:
    """Advance the clock. Returns the messages of that time."""

    def passing(seconds: float) -> list[Frame]:
        simulation.clock.advance(seconds)
        cabinets.tick()
        return frames(events_of(queue))

    return passing


After = Callable[[float], list[Frame]]


def events_of(queue: MnsQueue) -> list[DeviceEvent]:
    events: list[DeviceEvent] = []
    while messages := queue.receive(16, 0):
        for message in messages:
            events.append(read_envelope(message.body))
            queue.delete(message.receipt)
    return events


def frames(events: list[DeviceEvent]) -> list[Frame]:
    return [decode(event.frame) for event in events if event.kind == "frame"]


def listed(cabinets: SimulatedCabinets, after: After) -> dict[int, str | None]:
    """The result of a check: power bank by slot number."""
    cabinets.handle_command(IMEI, {"cmd": "check_all"})
    (snapshot,) = after(2)
    assert isinstance(snapshot, Snapshot)
    return {slot.slot_number: slot.powerbank_sn for slot in snapshot.slots}


def eject(cabinets: SimulatedCabinets, powerbank_sn: str) -> None:
    cabinets.handle_command(IMEI, {"cmd": "popup_sn", "data": powerbank_sn})


def results(match: list[Frame]) -> list[tuple[str | None, int]]:
    return [(frame.powerbank_sn, frame.state) for frame in match if isinstance(frame, EjectResult)]


def test_a_new_cabinet_goes_online_and_reports_its_slots(simulation: Simulation, queue: MnsQueue) -> None:
    cabinets = SimulatedCabinets(simulation, queue, own_thread=False)
    cabinets.add(IMEI, SN, PRODUCT, {1: (FIRST, 90), 2: (None, 0)})
    online, event = events_of(queue)
    assert (online.kind, event.kind, event.imei) == ("online", "frame", IMEI)
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
    assert early.slot_holding(SECOND) is not None
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


def return_in_outage(cabinets: SimulatedCabinets, queue: MnsQueue, **behaviour: Any) -> list[DeviceEvent]:
    """A power bank returns while the cabinet is off line. Returns the messages about the connection."""
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
