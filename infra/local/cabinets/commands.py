"""How a simulated cabinet obeys operators: an eject by slot, a restart, its volume and its networks.

A restart frees a slot that is jammed.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from infra.local.cabinets import frames as wire
from infra.local.cabinets.cabinet import SimulatedCabinet
from infra.local.cabinets.call_names import (
    ANSWERS_SECONDS,
    FRAME,
    OPEN,
    OPENS_SECONDS,
    RESTARTS_SECONDS,
    SNAPSHOT,
    STATUS,
)
from infra.local.delayed_calls import Argument

NETWORKS = ["Bijuli guest", "Labim Mall"]
EJECTED, FAILED = 0x01, 0x00
JAMMED = "fail"
"""The behaviour of a cabinet that reports a failure for each eject."""
UPDATE, HEART = "update", "heart"
"""The topics of frames."""


class Later(Protocol):
    """Has a delayed call made after the vendor's seconds."""

    def __call__(self, vendor_seconds: float, name: str, /, *arguments: Argument) -> None: ...


def obey(cabinet: SimulatedCabinet, command: Mapping[str, Any], later: Later) -> None:
    """Obey a command that ejects nothing. Volume, mode and WiFi have no answer."""
    match command.get("cmd"):
        case "reboot":
            if cabinet.behaviour.eject == JAMMED:
                cabinet.behaviour = cabinet.behaviour.changed({"eject": "ok"})
            later(ANSWERS_SECONDS, STATUS, cabinet.imei, False)
            later(RESTARTS_SECONDS, STATUS, cabinet.imei, True)
            later(RESTARTS_SECONDS + ANSWERS_SECONDS, SNAPSHOT, cabinet.imei)
        case "getWifi":
            later(ANSWERS_SECONDS, FRAME, cabinet.imei, wire.wifi_list(NETWORKS).hex(), UPDATE)


def eject_slot(cabinet: SimulatedCabinet, command: str, later: Later) -> None:
    """Eject by slot number, as staff tools order it."""
    number = int(command) if command.isdecimal() else 0
    is_occupied = cabinet.slots.get(number) is not None
    if is_occupied:
        later(OPENS_SECONDS, OPEN, cabinet.imei, number)
    frame = wire.eject_by_slot_result(number & 0xFF, EJECTED if is_occupied else FAILED)
    later(ANSWERS_SECONDS, FRAME, cabinet.imei, frame.hex(), UPDATE)
