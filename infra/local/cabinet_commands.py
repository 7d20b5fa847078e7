"""How a simulated cabinet obeys operators: an eject by slot, a restart, its volume and its networks."""

from collections.abc import Callable, Mapping
from typing import Any

from infra.local import cabinet_frames as wire
from infra.local.cabinet import SimulatedCabinet
from infra.local.cabinet_uplink import CabinetUplink

Later = Callable[[float, Callable[[], None]], None]
ANSWERS_SECONDS, OPENS_SECONDS, RESTARTS_SECONDS = 1.5, 1.0, 4.0
NETWORKS = ["Bijuli guest", "Labim Mall"]
EJECTED, FAILED = 0x01, 0x00


def obey(cabinet: SimulatedCabinet, command: Mapping[str, Any], uplink: CabinetUplink, later: Later) -> None:
    """Obey a command that ejects nothing. Volume, mode and WiFi have no answer."""
    match command.get("cmd"):
        case "reboot":
            later(ANSWERS_SECONDS, lambda: uplink.send_status(cabinet, online=False))
            later(RESTARTS_SECONDS, lambda: uplink.send_status(cabinet, online=True))
            later(RESTARTS_SECONDS + ANSWERS_SECONDS, lambda: uplink.send_snapshot(cabinet))
        case "getWifi":
            later(ANSWERS_SECONDS, lambda: uplink.send_frame(cabinet, wire.wifi_list(NETWORKS)))


def eject_slot(
    cabinet: SimulatedCabinet,
    command: str,
    uplink: CabinetUplink,
    later: Later,
    open_slot: Callable[[SimulatedCabinet, int], None],
) -> None:
    """Eject by slot number, as staff tools order it."""
    number = int(command) if command.isdecimal() else 0
    is_occupied = cabinet.slots.get(number) is not None
    if is_occupied:
        later(OPENS_SECONDS, lambda: open_slot(cabinet, number))
    frame = wire.eject_by_slot_result(number & 0xFF, EJECTED if is_occupied else FAILED)
    later(ANSWERS_SECONDS, lambda: uplink.send_frame(cabinet, frame))
