"""One simulated kiosk: its slots, the banks in them, what it is ordered to do wrong, and what it reports."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from infra.local.cabinet_frames import SlotContent

KEPT = 500
EJECTS = ("ok", "fail", "silent", "dead", "wrong_slot")
LATE_SECONDS = 60.0


class Bank(NamedTuple):
    """A power bank: its printed number and its charge."""

    powerbank_sn: str
    battery_percent: int


@dataclass(frozen=True)
class Behaviour:
    """How a kiosk behaves. `late_seconds` is by the sandbox's clock and comes on top of the usual time.

    `eject`: ok; fail (says so, nothing comes out); silent (comes out, never answers); dead (neither);
    wrong_slot (another bank comes out, and the answer is the unclear 0x12).
    """

    eject: str = "ok"
    late_seconds: float = 0.0
    online: bool = True
    duplicate: int = 1
    reorder: bool = False
    bad_checksum: bool = False

    def changed(self, changes: Mapping[str, Any]) -> "Behaviour":
        """These orders on top of the present ones. Raises ValueError naming the first that makes no sense.

        Late answers: `late_seconds: 40`, or `eject: late_seconds` (60), or `eject: {late_seconds: 40}`; ended
        by `eject: ok`.
        """
        orders = dict(changes)
        eject = orders.get("eject")
        if isinstance(eject, Mapping):
            orders |= {"eject": "ok", **eject}
        elif eject == "late_seconds":
            orders = {"late_seconds": LATE_SECONDS, **orders, "eject": "ok"}
        elif eject is not None:
            orders = {"late_seconds": 0.0, **orders}
        if orders.get("duplicate") == 0:
            orders["duplicate"] = 1
        for name, value in orders.items():
            if name not in CHECKS or not CHECKS[name](value):
                raise ValueError(f"no such behaviour: {name}={value!r}")
        return replace(self, **orders)


def _count(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


CHECKS: dict[str, Callable[[Any], bool]] = {
    "eject": lambda value: value in EJECTS,
    "late_seconds": _count,
    "online": lambda value: isinstance(value, bool),
    "duplicate": lambda value: isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100,
    "reorder": lambda value: isinstance(value, bool),
    "bad_checksum": lambda value: isinstance(value, bool),
}


@dataclass
class SimulatedCabinet:
    """What is really in it (`slots`), and what it still lists although it is gone (`ghosts`)."""

    imei: str
    sn: str
    product_key: str
    slots: dict[int, Bank | None]
    behaviour: Behaviour = Behaviour()
    ghosts: dict[int, tuple[Bank, datetime]] = field(default_factory=dict)
    slots_changed_offline: list[int] = field(default_factory=list)
    """Slots filled while nobody could be told: told of when the cabinet comes back."""
    ejecting_until: datetime | None = None
    delayed_messages: list[str] = field(default_factory=list)
    commands: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))
    frames: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=KEPT))

    def holding(self, powerbank_sn: str) -> int | None:
        """The slot a bank is really in."""
        return next((n for n, bank in self.slots.items() if bank and bank.powerbank_sn == powerbank_sn), None)

    def other_occupied_slot(self, slot_number: int) -> int | None:
        """Another slot with a bank in it."""
        return next((n for n, bank in sorted(self.slots.items()) if bank and n != slot_number), None)

    def take_out(self, slot_number: int, *, listed_until: datetime) -> Bank | None:
        """The bank leaves; while the cabinet checks its latch, a snapshot can still list it."""
        bank = self.slots[slot_number]
        if bank is not None:
            self.slots[slot_number] = None
            self.ghosts[slot_number] = (bank, listed_until)
        return bank

    def put_in(self, bank: Bank, slot_number: int | None) -> int:
        """The slot the bank went into. Raises ValueError when there is none free, or not this one."""
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
        """What a snapshot would tell."""
        self.ghosts = {n: ghost for n, ghost in self.ghosts.items() if ghost[1] > now}
        return [
            SlotContent(n, *self.ghosts[n][0]) if n in self.ghosts else self.content(n) for n in sorted(self.slots)
        ]

    def listing(self) -> dict[str, Any]:
        """For people: what is really there."""
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
