"""The cabinet codec: decodes the bytes of a cabinet into one typed frame, or raises FrameError."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from chalicelib.domain.cabinets.cabinet_protocol.commands import check_command, eject_command
from chalicelib.domain.cabinets.cabinet_protocol.events import (
    EjectBySlotResult,
    EjectResult,
    Heartbeat,
    Returned,
    SlotChange,
    Verdict,
    WifiList,
    read_eject_by_slot,
    read_eject_result,
    read_heartbeat,
    read_returned,
    read_slot_change,
    read_wifi_list,
)
from chalicelib.domain.cabinets.cabinet_protocol.frame_parts import Frame, FrameError, SlotReading
from chalicelib.domain.cabinets.cabinet_protocol.snapshot import SNAPSHOT, Board, Snapshot, read_snapshot

__all__ = [
    "BEFORE_EJECT",
    "CONNECTED",
    "EJECT",
    "RETURNED",
    "SLOT_CHANGE",
    "SNAPSHOT",
    "Board",
    "EjectBySlotResult",
    "EjectResult",
    "Frame",
    "FrameError",
    "Heartbeat",
    "Returned",
    "SlotChange",
    "SlotReading",
    "Snapshot",
    "UnusedFrame",
    "Verdict",
    "WifiList",
    "check_command",
    "checksum",
    "decode",
    "eject_command",
    "is_damaged",
]

FIRST_BYTE = 0xA8
MIN_BYTES = 5
EJECT_BY_SLOT, SLOT_CHANGE, EJECT, RETURNED, HEARTBEAT, WIFI = (
    0x21,
    0x28,
    0x31,
    0x40,
    0x7A,
    0xCF,
)

CONNECTED, BEFORE_EJECT = 0x14, 0x16
"""All slots after a new connection, and all slots before an eject. No document describes their content: a frame that
does not read as a snapshot is not used."""

UNUSED_COMMAND_NAMES: Mapping[int, str] = {
    CONNECTED: "info after connect",
    BEFORE_EJECT: "info before rent",
    0x1A: "version info",
    0x29: "echo of a slot change",
    0x34: "access point",
    0x7C: "ping delay",
    0x7D: "ping delay",
    0xA0: "network time",
    0xA2: "adapter log",
    0xA4: "adapter log",
    0xB0: "upgrade",
    0xB1: "version check",
    0xB4: "upgrade",
    0xB6: "upgrade",
    0xB8: "upgrade",
    0xC0: "log upload",
    0xD1: "core board number",
}
"""Known commands that the service does not use."""


@dataclass(frozen=True, kw_only=True)
class UnusedFrame(Frame):
    """A frame that the service does not use. `name` is None for an unknown command."""

    data: bytes = field(repr=False)

    @property
    def name(self) -> str | None:
        return UNUSED_COMMAND_NAMES.get(self.command)


READERS: Mapping[int, Callable[..., Frame]] = {
    SNAPSHOT: read_snapshot,
    CONNECTED: read_snapshot,
    BEFORE_EJECT: read_snapshot,
    EJECT_BY_SLOT: read_eject_by_slot,
    SLOT_CHANGE: read_slot_change,
    EJECT: read_eject_result,
    RETURNED: read_returned,
    HEARTBEAT: read_heartbeat,
    WIFI: read_wifi_list,
}


def decode(raw: bytes) -> Frame:
    """The frame in these bytes. Raises only FrameError, which holds the bytes."""
    raw = bytes(raw)
    if len(raw) < MIN_BYTES:
        raise FrameError("too short for a frame", raw)
    if raw[0] != FIRST_BYTE:
        raise FrameError("wrong first byte", raw)
    command, data = raw[3], raw[4:-1]
    declared_length = int.from_bytes(raw[1:3], "big")
    # The manufacturer's document counts one byte too few for a return.
    if declared_length != len(raw) and not (command == RETURNED and declared_length == len(raw) - 1):
        raise FrameError("length differs from what it says", raw)
    checksum_ok = raw[-1] == checksum(raw[:-1])
    unused = UnusedFrame(raw=raw, command=command, checksum_ok=checksum_ok, data=data)
    read = READERS.get(command)
    if read is None:
        return unused
    try:
        return read(raw, data, command=command, checksum_ok=checksum_ok)
    except FrameError:
        if command in (CONNECTED, BEFORE_EJECT):
            return unused
        raise


def is_damaged(raw: bytes) -> bool:
    """Whether the bytes begin as a frame does and end with a wrong checksum, as after a flipped bit."""
    return len(raw) >= MIN_BYTES and raw[0] == FIRST_BYTE and raw[-1] != checksum(raw[:-1])


def checksum(bytes_before: bytes) -> int:
    """The last byte of a frame, computed from all bytes before it."""
    return -sum(bytes_before) & 0xFF
