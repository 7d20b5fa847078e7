"""Frames about one event: an eject result, a return, a changed slot, a heartbeat, a list of WiFi networks."""

import re
from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.cabinets.cabinet_protocol.frame_parts import (
    Frame,
    FrameError,
    SlotReading,
    bank_of,
    percent_of,
    slot_of,
)
from chalicelib.domain.text.nested_json import parse_json


class Verdict(StrEnum):
    """What an eject result proves. After UNCLEAR only a later snapshot shows where the power bank is."""

    EJECTED = "ejected"
    NOT_EJECTED = "not_ejected"
    UNCLEAR = "unclear"


EJECTED_STATE = 0x01
FAILED_STATE = 0x00
"""The power bank stayed in its slot."""
NOT_EJECTED_STATES = frozenset({FAILED_STATE, 0x87, 0x88, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF})
"""Failed, no timestamp, too old, no power bank fits, number not found, busy, previous command unfinished, not
understood. Every other state has different meanings in different firmware."""
ACCEPTED_STATES = frozenset({0x01, 0x03})
"""Returned, and returned with a broken micro-switch. The manufacturer accepts both."""


def verdict_of(state: int) -> Verdict:
    if state == EJECTED_STATE:
        return Verdict.EJECTED
    return Verdict.NOT_EJECTED if state in NOT_EJECTED_STATES else Verdict.UNCLEAR


@dataclass(frozen=True, kw_only=True)
class EjectResult(Frame):
    """The result of an eject by power bank number. `index` is a board or a slot, by firmware: do not use it."""

    index: int
    powerbank_sn: str | None
    unreadable: bool
    state: int

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.state)


@dataclass(frozen=True, kw_only=True)
class EjectBySlotResult(Frame):
    """The result of an eject by slot number, which staff tools send."""

    slot_number: int
    state: int

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.state)


@dataclass(frozen=True, kw_only=True)
class Returned(Frame):
    """A power bank was put into a slot. `accepted` says whether it stayed there. Old firmware sends no percent."""

    slot_number: int
    area: int
    powerbank_sn: str | None
    unreadable: bool
    state: int
    battery_percent: int | None

    @property
    def accepted(self) -> bool:
        return self.state in ACCEPTED_STATES


@dataclass(frozen=True, kw_only=True)
class SlotChange(Frame):
    """A slot changed, or had changed when the cabinet powered up, as after a return during a power cut."""

    slot: SlotReading


@dataclass(frozen=True, kw_only=True)
class Heartbeat(Frame):
    """Sent every 9 minutes. `signal` is the modem's CSQ 0-31 (99: none), `backup_battery` the manufacturer's code."""

    signal: int | None
    backup_battery: int | None


@dataclass(frozen=True, kw_only=True)
class WifiList(Frame):
    """The WiFi networks that the cabinet's modem sees."""

    names: tuple[str, ...]


def read_eject_result(raw: bytes, data: bytes, *, command: int, checksum_ok: bool) -> EjectResult:
    _must_have(7, data, raw)
    powerbank_sn, unreadable = bank_of(data[1:5])
    return EjectResult(
        raw=raw,
        command=command,
        checksum_ok=checksum_ok,
        index=data[0],
        powerbank_sn=powerbank_sn,
        unreadable=unreadable,
        state=data[5],
    )


def read_eject_by_slot(raw: bytes, data: bytes, *, command: int, checksum_ok: bool) -> EjectBySlotResult:
    _must_have(4, data, raw)
    return EjectBySlotResult(raw=raw, command=command, checksum_ok=checksum_ok, slot_number=data[1], state=data[2])


def read_returned(raw: bytes, data: bytes, *, command: int, checksum_ok: bool) -> Returned:
    _must_have(9, data, raw)
    powerbank_sn, unreadable = bank_of(data[3:7])
    return Returned(
        raw=raw,
        command=command,
        checksum_ok=checksum_ok,
        slot_number=data[1],
        area=data[2],
        powerbank_sn=powerbank_sn,
        unreadable=unreadable,
        state=data[7],
        battery_percent=percent_of(data[9]) if len(data) > 9 else None,
    )


def read_slot_change(raw: bytes, data: bytes, *, command: int, checksum_ok: bool) -> SlotChange:
    _must_have(16, data, raw)
    return SlotChange(raw=raw, command=command, checksum_ok=checksum_ok, slot=slot_of(data[1:16]))


def read_heartbeat(raw: bytes, data: bytes, *, command: int, checksum_ok: bool) -> Heartbeat:
    text = data.decode("ascii", "replace")
    signal, backup = (re.search(rf"{name}:([0-9]{{1,3}})", text) for name in ("CSQ", "BP"))
    return Heartbeat(
        raw=raw,
        command=command,
        checksum_ok=checksum_ok,
        signal=int(signal[1]) if signal else None,
        backup_battery=int(backup[1]) if backup else None,
    )


def read_wifi_list(raw: bytes, data: bytes, *, command: int, checksum_ok: bool) -> WifiList:
    text = data.decode("utf-8", "replace")
    try:
        content = parse_json(text)
    except ValueError:
        # The manufacturer's own parser splits at commas. A name with a quote needs that.
        content = [name.strip().strip('"') for name in text.strip()[1:-1].split(",")]
    names = tuple(name for name in content if isinstance(name, str) and name) if isinstance(content, list) else ()
    return WifiList(raw=raw, command=command, checksum_ok=checksum_ok, names=names)


def _must_have(min_bytes: int, data: bytes, raw: bytes) -> None:
    if len(data) < min_bytes:
        raise FrameError("frame too short for its command", raw)
