"""Encodes a cabinet's binary frames and its platform's envelopes."""

import base64
import itertools
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

SLOTS_PER_BOARD = 8
CHINA = timezone(timedelta(hours=8))
AREA = 0x49
SOFT_VERSION = 0x19

# ids grow from one start to the next, as the platform's do: stored rows must never see an id twice
_numbers = itertools.count(time.time_ns())


@dataclass(frozen=True)
class SlotContent:
    """What a slot reports. `powerbank_sn` is None for an empty slot."""

    slot_number: int
    powerbank_sn: str | None = None
    battery_percent: int = 0
    state: int = 0x01


def frame(command: int, data: bytes) -> bytes:
    """Head, length, command, data and checksum."""
    before = bytes([0xA8]) + (len(data) + 5).to_bytes(2, "big") + bytes([command]) + data
    return before + bytes([-sum(before) & 0xFF])


def with_wrong_checksum(whole: bytes) -> bytes:
    """The same frame with a wrong checksum."""
    return whole[:-1] + bytes([whole[-1] ^ 0x5A])


def snapshot(slots: Sequence[SlotContent], command: int = 0x10, *, celsius: int = 0x18) -> bytes:
    """Every slot, in order, on boards of eight. `celsius` is the temperature of the boards.

    Cabinets send the same by 0x14 and 0x16.
    """
    data = b""
    for number, first in enumerate(range(0, len(slots), SLOTS_PER_BOARD), 1):
        board = slots[first : first + SLOTS_PER_BOARD]
        data += bytes([number, len(board), 0x00, celsius, 0x04, 0x0F]) + b"".join(map(_slot, board))
    return frame(command, data)


def eject_result(powerbank_sn: str, state: int) -> bytes:
    """The index byte names the main board, as old firmware does, and so never a slot."""
    return frame(0x31, bytes([0x10]) + _sn(powerbank_sn) + bytes([state, 0x02]))


def eject_by_slot_result(slot_number: int, state: int) -> bytes:
    return frame(0x21, bytes([0x10, slot_number, state, 0x02]))


def returned(slot: SlotContent, state: int = 0x01) -> bytes:
    sn = _sn(slot.powerbank_sn)
    return frame(0x40, bytes([0x10, slot.slot_number, AREA]) + sn + bytes([state, 0x19, slot.battery_percent]))


def slot_change(slot: SlotContent) -> bytes:
    return frame(0x28, bytes([0x01]) + _slot(slot))


def wifi_list(names: Sequence[str]) -> bytes:
    return frame(0xCF, json.dumps(list(names)).encode())


def heartbeat() -> bytes:
    return frame(0x7A, b"\x10CSQ:27;BP:0")


def _slot(slot: SlotContent) -> bytes:
    if slot.powerbank_sn is None:
        return bytes([slot.slot_number]) + bytes(9) + bytes([0x01, 0, 0, 0, 0x80])
    head = bytes([slot.slot_number, slot.state, 0x00, 0xE3, AREA]) + _sn(slot.powerbank_sn)
    return head + bytes([slot.battery_percent, 0x16, 0x00, 0x00, SOFT_VERSION, 0x00])


def _sn(powerbank_sn: str | None) -> bytes:
    return int(powerbank_sn or "0").to_bytes(4, "big")


def upload_envelope(product_key: str, imei: str, raw: bytes, at: datetime, *, topic: str = "update") -> str:
    """A frame as the platform queues it: base64 of JSON."""
    return _enveloped(
        payload=base64.b64encode(raw).decode(),
        messagetype="upload",
        topic=f"/{product_key}/{imei}/user/{topic}",
        timestamp=int(at.timestamp()),
    )


def status_envelope(product_key: str, imei: str, *, online: bool, at: datetime) -> str:
    """The platform's message that a cabinet went online or offline."""
    utc, local = _iso(at.astimezone(UTC)) + "Z", _iso(at.astimezone(CHINA)).replace("T", " ")
    content = {
        "lastTime": local,
        "utcLastTime": utc,
        "clientIp": "127.0.0.1",
        "utcTime": utc,
        "time": local,
        "productKey": product_key,
        "deviceName": imei,
        "status": "online" if online else "offline",
    }
    return _enveloped(
        payload=base64.b64encode(json.dumps(content).encode()).decode(),
        messagetype="status",
        topic=f"/as/mqtt/status/{product_key}/{imei}",
        timestamp=int(at.timestamp()),
    )


def _enveloped(**fields: Any) -> str:
    return base64.b64encode(json.dumps({**fields, "messageid": next(_numbers)}).encode()).decode()


def _iso(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds")
