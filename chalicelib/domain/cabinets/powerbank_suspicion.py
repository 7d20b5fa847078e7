"""What a power bank stores of a move that no rental explains."""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True)
class Suspicion:
    """A rental for which a power bank may have come out of slot `slot_number`, the wrong one.

    `gone_at` is the time of the first report that shows that the power bank had left this slot.
    """

    user_id: str
    rental_id: str
    slot_number: int
    gone_at: datetime
    beside_own: bool = False
    """The rental's own power bank is out as well: the return of this one ends nothing by itself."""


@dataclass(frozen=True)
class Reappearance:
    """A report of `at` put a free power bank into a slot, although it was in this slot of this station before."""

    at: datetime
    station_sn: str
    slot_number: int


@dataclass(frozen=True)
class OtherPlace:
    """A slot in which a station listed the power bank at `at`, although it is stored elsewhere.

    `gone_at` is the time of the first list of that station without it, `listed_at` the time of the list before.
    """

    at: datetime
    station_sn: str
    slot_number: int
    listed_at: datetime | None = None
    gone_at: datetime | None = None

    def gone(self, at: datetime, listed_at: datetime | None) -> "OtherPlace":
        return replace(self, gone_at=at, listed_at=listed_at or self.at)
