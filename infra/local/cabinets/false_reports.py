"""What a simulated cabinet sends in place of the truth, by its behaviour."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from infra.local.cabinets import frames as wire
from infra.local.cabinets.cabinet import SimulatedCabinet
from infra.local.cabinets.frames import SlotContent

UNREADABLE = str(0xFFFF_FFFF)
HEADER_BYTES = 4
COLDEST, TEMPERATURES = 20, 11
"""The boards of a simulated cabinet have this many temperatures, from the coldest in degrees Celsius."""


def snapshot(cabinet: SimulatedCabinet, now: datetime) -> bytes:
    """The snapshot frame that the cabinet sends: a fresh one, or an old one that it repeats."""
    if cabinet.behaviour.repeats_old_snapshot and cabinet.old_snapshot is not None:
        return bytes.fromhex(cabinet.old_snapshot)
    return fresh_snapshot(cabinet, now)


def fresh_snapshot(cabinet: SimulatedCabinet, now: datetime) -> bytes:
    """The slots as they are now, with a listed twin. The temperature of the boards is another one at each reading."""
    cabinet.readings_count += 1
    contents = cabinet.contents(now)
    if cabinet.behaviour.twin:
        free = [content.slot_number for content in contents if content.powerbank_sn is None]
        twin = SlotContent(free[-1], cabinet.behaviour.twin, 50) if free else None
        contents = [twin if twin and twin.slot_number == content.slot_number else content for content in contents]
    return wire.snapshot(contents, celsius=COLDEST + cabinet.readings_count % TEMPERATURES)


def return_report(cabinet: SimulatedCabinet, slot_number: int, *, changed_offline: bool) -> bytes:
    """The frame that reports a power bank put into the slot: 0x28 after an outage, else 0x40."""
    content = cabinet.content(slot_number)
    if cabinet.behaviour.unreadable:
        content = replace(content, powerbank_sn=UNREADABLE)
    by_slot_change = changed_offline and not cabinet.behaviour.return_frames_after_outage
    return wire.slot_change(content) if by_slot_change else wire.returned(content)


def answering_cabinet(cabinet: SimulatedCabinet, cabinets: Iterable[SimulatedCabinet]) -> SimulatedCabinet:
    """The cabinet that sends the eject answers of `cabinet`."""
    others = (other for other in cabinets if other is not cabinet and other.behaviour.online)
    return next(others, cabinet) if cabinet.behaviour.wrong_station_answer else cabinet


def as_sent(cabinet: SimulatedCabinet, raw: bytes) -> bytes:
    """The frame as it arrives, with a flipped bit or a wrong checksum. The bit's position differs from frame to
    frame."""
    cabinet.frames_count += 1
    every = cabinet.behaviour.bit_flip
    if every and cabinet.frames_count % every == 0 and len(raw) > HEADER_BYTES + 1:
        bit = cabinet.frames_count * 7 % ((len(raw) - HEADER_BYTES - 1) * 8)
        at = HEADER_BYTES + bit // 8
        raw = raw[:at] + bytes([raw[at] ^ 1 << bit % 8]) + raw[at + 1 :]
    return wire.with_wrong_checksum(raw) if cabinet.behaviour.bad_checksum else raw
