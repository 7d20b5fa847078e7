"""Parts of cabinet frames: the base frame, the error, power bank numbers and slot readings."""

from dataclasses import dataclass, field

SLOT_BYTES = 15
NO_BANK = 0
UNREADABLE = 0xFFFF_FFFF
MAX_SLOTS = 100
"""The highest slot number of the manufacturer's cabinets."""


class FrameError(ValueError):
    """Bytes that are not a valid frame. `raw` holds all of them; `reason` holds no data of the frame."""

    def __init__(self, reason: str, raw: bytes = b"") -> None:
        self.reason = reason
        self.raw = raw
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One message of a cabinet. A wrong checksum is no error: the manufacturer's own server ignores it."""

    raw: bytes = field(repr=False)
    command: int
    checksum_ok: bool


@dataclass(frozen=True, kw_only=True)
class SlotReading:
    """One slot as the cabinet's board reads it.

    `powerbank_sn` is None without a power bank, and with one whose number is `unreadable`. Percent and temperature
    are None when unknown, and for an empty slot, whose bytes mean nothing. The scale of `raw_voltage` is unknown.
    """

    slot_number: int
    state: int
    powerbank_sn: str | None
    unreadable: bool
    battery_percent: int | None
    celsius: int | None
    volts_tenths: int
    amps_tenths: int
    soft_version: int
    area: int
    micro_switch: bool
    solenoid: bool
    raw_voltage: int

    @property
    def occupied(self) -> bool:
        return self.state != 0 and (self.powerbank_sn is not None or self.unreadable)


def bank_of(number_bytes: bytes) -> tuple[str | None, bool]:
    """The printed number of a power bank, and whether it is unreadable, from its four bytes."""
    number = int.from_bytes(number_bytes, "big")
    if number == UNREADABLE:
        return None, True
    return (None if number == NO_BANK else str(number)), False


def percent_of(byte: int) -> int | None:
    """A charge in percent, or None for a byte above 100."""
    return byte if byte <= 100 else None


def slot_of(record: bytes, area_high: int = 0) -> SlotReading:
    """A slot from its 15 bytes. `area_high` is the high byte of the area of occupied slots, from the board."""
    powerbank_sn, unreadable = bank_of(record[5:9])
    occupied = powerbank_sn is not None or unreadable
    return SlotReading(
        slot_number=record[0],
        state=record[1],
        powerbank_sn=powerbank_sn,
        unreadable=unreadable,
        battery_percent=percent_of(record[9]) if occupied else None,
        celsius=record[10] if occupied and record[10] not in (0x00, 0xFF) else None,
        volts_tenths=record[11],
        amps_tenths=record[12],
        soft_version=record[13],
        area=(area_high << 8 if occupied and record[1] else 0) | record[4],
        micro_switch=bool(record[14] & 0x80),
        solenoid=bool(record[14] & 0x40),
        raw_voltage=record[3],
    )
