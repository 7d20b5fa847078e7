"""What every cabinet frame is made of: the frame itself, its one error, bank numbers and slot readings."""

from dataclasses import dataclass, field

SLOT_BYTES = 15
NO_BANK = 0
UNREADABLE = 0xFFFF_FFFF
NORMAL = 0x01
MAX_SLOTS = 100
"""No cabinet of the maker numbers its slots higher."""


class FrameError(ValueError):
    """Bytes that are no frame we understand. `raw` keeps them all; `reason` has no data in it."""

    def __init__(self, reason: str, raw: bytes = b"") -> None:
        self.reason = reason
        self.raw = raw
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One message of a cabinet. A wrong checksum is told, not punished: the maker's own server ignores it."""

    raw: bytes = field(repr=False)
    command: int
    checksum_ok: bool


@dataclass(frozen=True, kw_only=True)
class SlotReading:
    """One slot as the cabinet's board reads it.

    `powerbank_sn` is None for no bank and for an unreadable one, `unreadable` tells them apart. Percent and
    temperature are None when unknown and for an empty slot, whose bytes there mean nothing. `raw_voltage` has
    no known scale.
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

    @property
    def rentable_state(self) -> bool:
        """The only state in which the maker hands a bank out, charge and temperature aside."""
        return self.state == NORMAL


def bank_of(number_bytes: bytes) -> tuple[str | None, bool]:
    """A bank's printed number and whether it is unreadable, from its four bytes."""
    number = int.from_bytes(number_bytes, "big")
    if number == UNREADABLE:
        return None, True
    return (None if number == NO_BANK else str(number)), False


def percent_of(byte: int) -> int | None:
    """A charge, or None for 0xFF and for what can't be one."""
    return byte if byte <= 100 else None


def slot_of(record: bytes, area_high: int = 0) -> SlotReading:
    """A slot from its 15 bytes. `area_high` is the board's part of the area, for occupied slots."""
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
