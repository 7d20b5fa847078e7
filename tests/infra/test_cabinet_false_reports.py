"""Simulated cabinets lie on demand: other stations' answers, old snapshots, twins, flipped bits, lost numbers."""

import pytest

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, read_envelope
from chalicelib.domain.cabinets.cabinet_protocol.frames import (
    EjectResult,
    Frame,
    FrameError,
    Returned,
    Snapshot,
    decode,
    is_damaged,
)
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.simulation import Simulation

IMEI, OTHER = "864601069946994", "864601069946995"
FIRST, SECOND, THIRD = "40818051", "40818052", "40818061"


class City:
    """Two cabinets without threads."""

    def __init__(self) -> None:
        self.simulation, self.queue = Simulation(pace=1), MnsQueue()
        self.cabinets = SimulatedCabinets(self.simulation, self.queue, own_thread=False)
        self.cabinets.add(IMEI, "40000444", "a1product", {1: (FIRST, 90), 2: (SECOND, 80), 3: (None, 0)})
        self.cabinets.add(OTHER, "40000445", "a1product", {1: (THIRD, 90), 2: (None, 0)})
        self.events()

    def events(self, after_seconds: float = 0) -> list[DeviceEvent]:
        """The messages of that time."""
        self.simulation.clock.advance(after_seconds)
        self.cabinets.tick()
        events = []
        while received := self.queue.receive(16, 0):
            events += [read_envelope(message.body) for message in received]
            for message in received:
                self.queue.delete(message.receipt)
        return events

    def frames(self, after_seconds: float = 0) -> list[Frame]:
        return [decode(event.frame) for event in self.events(after_seconds) if event.kind == "frame"]

    def snapshot(self, imei: str = IMEI) -> dict[int, str | None]:
        self.cabinets.snapshot(imei)
        [frame] = self.frames()
        assert isinstance(frame, Snapshot)
        return {slot.slot_number: slot.powerbank_sn for slot in frame.slots}


@pytest.fixture
def city() -> City:
    return City()


def test_another_station_answers_the_eject(city: City) -> None:
    city.cabinets.behave(IMEI, {"wrong_station_answer": True})
    city.cabinets.handle_command(IMEI, {"cmd": "popup_sn", "data": SECOND})
    [event] = city.events(5)
    answer = decode(event.frame)
    assert isinstance(answer, EjectResult)
    assert (event.imei, answer.powerbank_sn) == (OTHER, SECOND)
    assert city.cabinets.out() == [SECOND]


def test_an_old_snapshot_is_repeated_until_the_behaviour_ends(city: City) -> None:
    city.cabinets.behave(IMEI, {"repeats_old_snapshot": True})
    city.cabinets.handle_command(IMEI, {"cmd": "popup_sn", "data": SECOND})
    city.events(60)
    city.events(60)
    assert city.snapshot() == {1: FIRST, 2: SECOND, 3: None}
    city.cabinets.behave(IMEI, {"repeats_old_snapshot": False})
    assert city.snapshot() == {1: FIRST, 2: None, 3: None}


def test_a_twin_is_listed_in_the_last_free_slot(city: City) -> None:
    city.cabinets.behave(OTHER, {"twin": SECOND})
    assert city.snapshot(OTHER) == {1: THIRD, 2: SECOND}
    assert city.snapshot()[2] == SECOND


def test_every_nth_frame_has_a_flipped_bit(city: City) -> None:
    city.cabinets.behave(IMEI, {"bit_flip": 3})
    for _ in range(6):
        city.cabinets.snapshot(IMEI)
    raws = [event.frame for event in city.events()]
    assert [is_damaged(raw) for raw in raws].count(True) == 2
    assert len({len(raw) for raw in raws}) == 1


def test_damaged_bytes_are_recognised_as_damaged() -> None:
    assert not is_damaged(bytes(40))
    assert not is_damaged(b"")
    assert is_damaged(b"\xa8\x00\x05\x10\x00")
    with pytest.raises(FrameError):
        decode(b"\xa8\x00\x05\x10\x00")


def test_an_unreadable_return_has_no_number(city: City) -> None:
    city.cabinets.handle_command(IMEI, {"cmd": "popup_sn", "data": SECOND})
    city.events(60)
    city.cabinets.behave(IMEI, {"unreadable": True})
    city.cabinets.return_powerbank(IMEI, SECOND)
    [frame] = city.frames(5)
    assert isinstance(frame, Returned)
    assert (frame.accepted, frame.powerbank_sn, frame.unreadable) == (True, None, True)
    assert SECOND in city.snapshot().values()
