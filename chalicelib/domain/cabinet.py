"""A cabinet and its slots as the hardware reports them, and the station of a cabinet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.settings import Settings

NORMAL = 0x01


@dataclass(frozen=True)
class Binding:
    """The station of a registered cabinet."""

    imei: str
    sn: str
    name: str


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

    @property
    def status(self) -> SlotStatus:
        if self.state not in (0x00, NORMAL):
            return SlotStatus.ERROR
        return SlotStatus.OCCUPIED if self.powerbank_sn else SlotStatus.EMPTY

    def ready(self, settings: Settings) -> bool:
        """Whether the slot's power bank may be rented, unless it is reserved."""
        return (
            self.powerbank_sn is not None
            and self.state == NORMAL
            and (self.battery_percent or 0) >= settings.powerbank_min_percent
            and (self.celsius is None or self.celsius <= settings.powerbank_max_celsius)
        )


@dataclass(frozen=True)
class Cabinet:
    """What a station's cabinet reports. What operators configure is in Station."""

    sn: str
    imei: str
    online: bool = False
    online_at: datetime | None = None
    last_seen_at: datetime | None = None
    snapshot_at: datetime | None = None
    slots: Mapping[int, Slot] = field(default_factory=dict)
    version: int = 0

    def reachable(self, now: datetime, settings: Settings) -> bool:
        """Online, with a message within `cabinet_silent_minutes`. Heartbeats come every 9 minutes."""
        heard_at = [at for at in (self.last_seen_at, self.online_at) if at is not None]
        window = timedelta(minutes=settings.cabinet_silent_minutes)
        return self.online and bool(heard_at) and now - max(heard_at) < window

    def with_slot(self, slot: Slot, at: datetime) -> "Cabinet":
        """The cabinet after it reported one slot at `at`."""
        return replace(self._with_last_seen(at), slots={**self.slots, slot.slot_number: slot})

    def without_powerbank(self, powerbank_sn: str, at: datetime) -> "Cabinet":
        """The cabinet after the power bank came out at `at`."""
        slots = {
            number: Slot(number, 0) if slot.powerbank_sn == powerbank_sn else slot
            for number, slot in self.slots.items()
        }
        return replace(self._with_last_seen(at), slots=slots)

    def with_snapshot(self, slots: Iterable[Slot], at: datetime) -> "Cabinet":
        """The cabinet after a snapshot at `at`. Slots that the snapshot does not list stay as they were."""
        reported = {slot.slot_number: slot for slot in slots}
        return replace(self._with_last_seen(at), slots={**self.slots, **reported}, snapshot_at=at)

    def _with_last_seen(self, at: datetime) -> "Cabinet":
        last_seen_at = max(at, self.last_seen_at) if self.last_seen_at else at
        online = self.online or self.online_at is None or at > self.online_at
        return replace(self, last_seen_at=last_seen_at, online=online)

    def ready_slots(self, settings: Settings) -> list[Slot]:
        """Slots whose power bank may be rented, the fullest first, then by number."""
        ready = [slot for slot in self.slots.values() if slot.ready(settings)]
        return sorted(ready, key=lambda slot: (-(slot.battery_percent or 0), slot.slot_number))
