"""Describes a decoded frame for the event log: its name, and its fields as JSON values."""

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any

from chalicelib.domain.cabinets.cabinet_protocol.events import (
    EjectBySlotResult,
    EjectResult,
    Heartbeat,
    Returned,
    SlotChange,
    WifiList,
)
from chalicelib.domain.cabinets.cabinet_protocol.frame_parts import Frame, SlotReading
from chalicelib.domain.cabinets.cabinet_protocol.frames import UnusedFrame
from chalicelib.domain.cabinets.cabinet_protocol.snapshot import Snapshot

NAMES: Mapping[type[Frame], str] = {
    Snapshot: "snapshot",
    EjectResult: "eject_result",
    EjectBySlotResult: "eject_by_slot_result",
    Returned: "return",
    SlotChange: "slot_change",
    Heartbeat: "heartbeat",
    WifiList: "wifi_list",
}
LEFT_OUT = frozenset({"raw", "data", "boards", "slots", "slot"})


def name_of(frame: Frame) -> str:
    """`return` for a return frame. `command_1a` for a frame that the service does not use."""
    return NAMES.get(type(frame), f"command_{frame.command:02x}")


def fields_of(frame: Frame) -> dict[str, Any]:
    """The decoded fields without the bytes. A snapshot has state, power bank, percent and temperature by slot."""
    content = {item.name: _plain(getattr(frame, item.name)) for item in fields(frame) if item.name not in LEFT_OUT}
    if isinstance(frame, Snapshot):
        content["slots"] = {str(slot.slot_number): _slot(slot) for slot in frame.slots}
    if isinstance(frame, SlotChange):
        content |= {"slot_number": frame.slot.slot_number, "slot": _slot(frame.slot)}
    if isinstance(frame, EjectResult | EjectBySlotResult):
        content["verdict"] = frame.verdict.value
    if isinstance(frame, UnusedFrame):
        content["name"] = frame.name
    return content


def _slot(slot: SlotReading) -> list[Any]:
    powerbank_sn = "unreadable" if slot.unreadable else slot.powerbank_sn
    return [slot.state, powerbank_sn, slot.battery_percent, slot.celsius]


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    return list(value) if isinstance(value, tuple) else value
