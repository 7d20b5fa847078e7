"""One simulated cabinet: its slots, its power banks, its faults on demand, and what it reports."""

from collections import deque
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from infra.local.cabinets.behaviour import Behaviour
from infra.local.cabinets.frames import SlotContent

MAX_LOGGED = 500


class Bank(NamedTuple):
    """A power bank: its printed number and its charge."""

    powerbank_sn: str
    battery_percent: int


@dataclass
class SimulatedCabinet:
    """A cabinet's real content (`slots`), and ejected power banks that it still lists (`ghosts`)."""

    imei: str
    sn: str
    product_key: str
    slots: dict[int, Bank | None]
    behaviour: Behaviour = field(default_factory=Behaviour)
    ghosts: dict[int, tuple[Bank, datetime]] = field(default_factory=dict)
    slots_changed_offline: list[int] = field(default_factory=list)
    """Slots filled while the cabinet was offline. It reports them when it is online again."""
    ejecting_until: datetime | None = None
    old_snapshot: str | None = None
    """The snapshot, as hex, that the cabinet sends while it repeats an old one."""
    frames_count: int = 0
    readings_count: int = 0
    delayed_messages: list[str] = field(default_factory=list)
    commands: deque[dict[str, Any]] = field(default_factory=deque)
    frames: deque[dict[str, Any]] = field(default_factory=deque)
    echoes: deque[dict[str, str]] = field(default_factory=deque)
    """Its heartbeats as they came back."""

    def __post_init__(self) -> None:
        # a cabinet that is read from JSON has logs without a bound
        self.commands, self.frames = deque(self.commands, MAX_LOGGED), deque(self.frames, MAX_LOGGED)
        self.echoes = deque(self.echoes, MAX_LOGGED)

    def holding(self, powerbank_sn: str) -> int | None:
        """The slot that really holds the power bank."""
        return next((n for n, bank in self.slots.items() if bank and bank.powerbank_sn == powerbank_sn), None)

    def other_occupied_slot(self, slot_number: int) -> int | None:
        """Another slot that holds a power bank."""
        return next((n for n, bank in sorted(self.slots.items()) if bank and n != slot_number), None)

    def take_out(self, slot_number: int, *, listed_until: datetime) -> Bank | None:
        """Remove the power bank. A snapshot can still list it while the cabinet checks its latch."""
        bank = self.slots[slot_number]
        if bank is not None:
            self.slots[slot_number] = None
            self.ghosts[slot_number] = (bank, listed_until)
        return bank

    def put_in(self, bank: Bank, slot_number: int | None) -> int:
        """Put the power bank into a slot. Returns its number. Raises ValueError if that slot, or all, are taken."""
        free = sorted((number in self.ghosts, number) for number, there in self.slots.items() if there is None)
        if slot_number is None and not free:
            raise ValueError("no slot is free")
        chosen = free[0][1] if slot_number is None else slot_number
        if chosen not in self.slots or self.slots[chosen] is not None:
            raise ValueError(f"slot {chosen} is taken or does not exist")
        self.ghosts.pop(chosen, None)
        self.slots[chosen] = bank
        return chosen

    def content(self, slot_number: int) -> SlotContent:
        bank = self.slots[slot_number]
        return SlotContent(slot_number, *bank) if bank else SlotContent(slot_number)

    def contents(self, now: datetime) -> list[SlotContent]:
        """The content of a snapshot."""
        self.ghosts = {n: ghost for n, ghost in self.ghosts.items() if ghost[1] > now}
        return [
            SlotContent(n, *self.ghosts[n][0]) if n in self.ghosts else self.content(n) for n in sorted(self.slots)
        ]

    def listing(self) -> dict[str, Any]:
        """The real state, for the control API."""
        return {
            "imei": self.imei,
            "sn": self.sn,
            "online": self.behaviour.online,
            "behaviour": asdict(self.behaviour),
            "slots": [
                {
                    "slot_number": number,
                    "powerbank_sn": bank.powerbank_sn if bank else None,
                    "battery_level": bank.battery_percent if bank else None,
                }
                for number, bank in sorted(self.slots.items())
            ],
        }


CABINETS = TypeAdapter(list[SimulatedCabinet])
"""Reads and writes cabinets as JSON."""
