"""The station and slot of a rental's eject or return."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RentalStation:
    """The station and slot of an eject or a return."""

    sn: str
    name: str
    imei: str
    slot_number: int
