"""One simulated cabinet for tests: its constants, its ejects and the messages that it sends."""

from collections.abc import Callable

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent, read_envelope
from chalicelib.domain.cabinets.cabinet_protocol.frames import (
    EjectResult,
    Frame,
    Snapshot,
    decode,
)
from infra.local.cabinets.fleet import SimulatedCabinets
from infra.local.cabinets.mns_queue import MnsQueue

IMEI, SN, PRODUCT = "864601069946994", "40000444", "a1product"
FIRST, SECOND = "40818051", "40818052"


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
