"""A slot of a cabinet, as the hardware reports it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

NORMAL = 0x01


class SlotStatus(StrEnum):
    """The state of a slot as the API shows it."""

    EMPTY = "empty"
    OCCUPIED = "occupied"
    ERROR = "error"


@dataclass(frozen=True)
class Slot:
    """A slot as last reported. `state` is the manufacturer's byte; 0x01 is normal."""

    slot_number: int
    state: int
    powerbank_sn: str | None = None
    battery_percent: int | None = None
    celsius: int | None = None
    ghost_sn: str | None = None
    """A power bank that the cabinet may still list in this slot, although it is elsewhere."""
    ghost_listed: bool = False
    """A snapshot listed the ghost in this slot although it is elsewhere."""
    unreadable: bool = False
    """The slot holds a power bank whose number the cabinet can't read. `powerbank_sn` is the one listed before."""
    unreadable_since: datetime | None = None
    """When the cabinet first reported the unreadable power bank. It is part of the id of the unreadable return, and
    stays with a slot that is readable again while that return is open."""
    unlisted: bool = False
    """The power bank came into the slot by a frame of its own, and no snapshot has listed it there since."""
    once_missing: bool = False
    """The power bank is `unlisted`, and a list read later than that of its arrival did not have it either."""
    ghost_unlisted: bool = False
    """The ghost was `unlisted` when another power bank came into the slot."""
    earlier_list: str | None = None
    """The digest of the last snapshot that did not list the power bank here."""

    @property
    def status(self) -> SlotStatus:
        if self.state not in (0x00, NORMAL):
            return SlotStatus.ERROR
        return SlotStatus.OCCUPIED if self.powerbank_sn or self.unreadable else SlotStatus.EMPTY

    def after(self, earlier: "Slot | None") -> "Slot":
        """The slot to store after `earlier`. An unreadable slot may hold the power bank that it held before."""
        if not self.unreadable or earlier is None:
            return self
        since = (earlier.unreadable_since if earlier.unreadable else None) or self.unreadable_since
        ghost = replace(self, ghost_sn=earlier.ghost_sn, ghost_listed=earlier.ghost_listed)
        return replace(ghost, powerbank_sn=earlier.powerbank_sn, unreadable_since=since)

    def as_ghost(self) -> "Slot":
        """The slot as empty, since the power bank that it lists is elsewhere."""
        since = self.unreadable_since
        return Slot(self.slot_number, 0, ghost_sn=self.powerbank_sn, ghost_listed=True, unreadable_since=since)

    @property
    def listed_sn(self) -> str | None:
        """The power bank that the last snapshot listed here, although it may be elsewhere."""
        return self.powerbank_sn or (self.ghost_sn if self.ghost_listed else None)

    def has_unlisted(self, powerbank_sn: str) -> bool:
        """Whether the power bank came into the slot, and no snapshot has listed it there since."""
        is_ghost = self.ghost_unlisted and self.ghost_sn == powerbank_sn
        return is_ghost or (self.unlisted and self.powerbank_sn == powerbank_sn)

    def proves_absence_of(self, powerbank_sn: str, digest: str) -> bool:
        """Whether a snapshot of this digest shows that the power bank has left the slot.

        A snapshot that repeats a list from before the power bank came does not show it. The first list after a return
        frame may have been read before the return, so only the next list with another content shows it.
        """
        is_first_list = self.unlisted and not self.once_missing
        return self.listed_sn != powerbank_sn or not (is_first_list or self.earlier_list == digest)
