"""Describes messages of cabinets, for the output of failed tests."""

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEvent
from chalicelib.domain.cabinets.cabinet_protocol.frames import (
    EjectResult,
    FrameError,
    Returned,
    SlotChange,
    Snapshot,
    decode,
)


def in_words(event: DeviceEvent) -> str:
    """The description of one message of a cabinet."""
    if event.kind != "frame":
        return event.kind
    try:
        frame = decode(event.frame)
    except FrameError:
        return f"unreadable {event.frame.hex()}"
    damage = "" if frame.checksum_ok else " (damaged)"
    match frame:
        case Snapshot():
            content = " ".join(f"{slot.slot_number}:{slot.powerbank_sn}" for slot in frame.slots if slot.powerbank_sn)
            return f"snapshot {content}{damage}"
        case EjectResult():
            return f"eject of {frame.powerbank_sn}: {frame.verdict}{damage}"
        case Returned():
            return f"return of {frame.powerbank_sn} into {frame.slot_number}{damage}"
        case SlotChange():
            return f"change of {frame.slot.slot_number}: {frame.slot.powerbank_sn}{damage}"
    return f"command {frame.command:02x}{damage}"
