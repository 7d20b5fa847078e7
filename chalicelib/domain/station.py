"""A station as we decide about it, its cabinet as we hear from it, and which bank to hand out."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.powerbank import Powerbank
from chalicelib.domain.problems import Problem
from chalicelib.domain.settings import Settings

NORMAL = 0x01
EARTH_KM = 6371.0088


@dataclass(frozen=True)
class Station:
    """What we decide. Latitude and longitude in degrees."""

    sn: str
    imei: str
    name: str
    address: str
    latitude: float
    longitude: float
    landmark: str = ""
    opening_time: str = "00:00"
    closing_time: str = "23:59"
    amenities: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    maintenance: bool = False
    board: str = "0"
    """The listing this station is on; each is a bounded number of stations."""
    ejecting_rental_id: str | None = None
    ejecting_until: datetime | None = None
    version: int = 0

    def must_hand_out(self, now: datetime) -> None:
        """Raises Problem when it is in repair or its cabinet is busy with another eject."""
        if self.maintenance:
            raise Problem("station_in_maintenance")
        if self.ejecting_until is not None and now < self.ejecting_until:
            wait = max(1, math.ceil((self.ejecting_until - now).total_seconds()))
            raise Problem("station_busy", retry_after_seconds=wait)


@dataclass(frozen=True)
class Binding:
    """Which station a registered cabinet stands for."""

    imei: str
    sn: str
    name: str


@dataclass(frozen=True)
class Slot:
    """A slot as last heard: `state` is the maker's byte, 0x01 is well."""

    slot_number: int
    state: int
    powerbank_sn: str | None = None
    battery_percent: int | None = None
    celsius: int | None = None

    @property
    def status(self) -> str:
        """`empty`, `occupied` or `error`, as told to people."""
        if self.state not in (0x00, NORMAL):
            return "error"
        return "occupied" if self.powerbank_sn else "empty"

    def ready(self, settings: Settings) -> bool:
        """Whether its bank may be rented, reservations aside."""
        return (
            self.powerbank_sn is not None
            and self.state == NORMAL
            and (self.battery_percent or 0) >= settings.powerbank_least_percent
            and (self.celsius is None or self.celsius <= settings.powerbank_most_celsius)
        )


@dataclass(frozen=True)
class Cabinet:
    """What we hear of a station: never what we decide."""

    sn: str
    imei: str
    online: bool = False
    online_at: datetime | None = None
    last_seen_at: datetime | None = None
    snapshot_at: datetime | None = None
    slots: Mapping[int, Slot] = field(default_factory=dict)
    version: int = 0

    def reachable(self, now: datetime, settings: Settings) -> bool:
        """Online by the newest word, and that word within the only safe window (heartbeats are 9 minutes apart)."""
        heard = [at for at in (self.last_seen_at, self.online_at) if at is not None]
        window = timedelta(minutes=settings.cabinet_silent_minutes)
        return self.online and bool(heard) and now - max(heard) < window

    def with_slot(self, slot: Slot, at: datetime) -> "Cabinet":
        """One slot heard anew at `at`."""
        return replace(self._seen(at), slots={**self.slots, slot.slot_number: slot})

    def without(self, powerbank_sn: str, at: datetime) -> "Cabinet":
        """The bank came out at `at`."""
        left = {
            number: Slot(number, 0) if slot.powerbank_sn == powerbank_sn else slot
            for number, slot in self.slots.items()
        }
        return replace(self._seen(at), slots=left)

    def snapped(self, slots: Iterable[Slot], at: datetime) -> "Cabinet":
        """All the slots a snapshot told of; those it did not tell of stay as they were."""
        told = {slot.slot_number: slot for slot in slots}
        return replace(self._seen(at), slots={**self.slots, **told}, snapshot_at=at)

    def _seen(self, at: datetime) -> "Cabinet":
        seen = max(at, self.last_seen_at) if self.last_seen_at else at
        online = self.online or self.online_at is None or at > self.online_at
        return replace(self, last_seen_at=seen, online=online)

    def ready_slots(self, settings: Settings) -> list[Slot]:
        """Slots whose bank may be rented, fullest first, then by number."""
        ready = [slot for slot in self.slots.values() if slot.ready(settings)]
        return sorted(ready, key=lambda slot: (-(slot.battery_percent or 0), slot.slot_number))


def choose(
    slots: Iterable[Slot],
    banks: Mapping[str, Powerbank],
    *,
    wanted_sn: str | None,
    now: datetime,
    settings: Settings,
) -> tuple[Slot, Powerbank] | None:
    """The fullest bank that is ours to give: known, in that very slot, reserved by nobody, not just failed."""
    rest = timedelta(minutes=settings.eject_failure_rest_minutes)
    for slot in slots:
        bank = banks.get(slot.powerbank_sn or "")
        if bank is None or not bank.free or bank.slot_number != slot.slot_number:
            continue
        if wanted_sn is not None and bank.powerbank_sn != wanted_sn:
            continue
        if bank.eject_failed_at is not None and now - bank.eject_failed_at < rest:
            continue
        return slot, bank
    return None


def distance_km(a_lat: float, a_lng: float, b_lat: float, b_lng: float) -> float:
    """Great-circle distance by haversine."""
    d_lat, d_lng = math.radians(b_lat - a_lat), math.radians(b_lng - a_lng)
    h = (
        math.sin(d_lat / 2) ** 2
        + math.cos(math.radians(a_lat)) * math.cos(math.radians(b_lat)) * math.sin(d_lng / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(h)))
