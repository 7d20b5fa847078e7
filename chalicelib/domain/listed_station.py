"""A station in a listing, and the filters of a listing."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from chalicelib.domain.search_text import search_text
from chalicelib.domain.station import StationStatus, is_open

CONFIGURED_FIELDS = 9
"""The first so many fields of a listed station are what operators configure; the others are its state."""
Configured = tuple[Any, ...]
"""The first CONFIGURED_FIELDS fields of a listed station."""


class ListedStation(NamedTuple):
    """One station in a listing. What operators configure comes first, what the cabinet reports last."""

    sn: str
    name: str
    address: str
    landmark: str
    latitude: float
    longitude: float
    opening_time: str
    closing_time: str
    images: tuple[str, ...]
    status: StationStatus
    total_slots: int
    available_powerbanks: int
    free_slots: int

    def is_open(self, clock_time: str) -> bool:
        return is_open(self.opening_time, self.closing_time, clock_time)

    @property
    def place(self) -> tuple[str, str, str, str, float, float]:
        """What a search reads: serial number, texts and place."""
        return self[:6]


@dataclass(frozen=True)
class StationFilter:
    """A filter of stations. A field that is None matches every station."""

    status: StationStatus | None = None
    search: str | None = None
    has_powerbank: bool | None = None
    has_free_slot: bool | None = None
    open_now: bool | None = None
    clock_time: str = "00:00"
    """The time of day in Kathmandu, HH:MM, that `open_now` compares with opening hours."""

    @cached_property
    def folded_search(self) -> str:
        """The text to search for, folded. Empty where there is none."""
        return search_text(self.search) if self.search else ""

    def matches_state(self, listed_station: ListedStation) -> bool:
        """Whether the station matches every field but `search`."""
        return (
            (self.status is None or listed_station.status == self.status)
            and (self.has_powerbank is None or self.has_powerbank == (listed_station.available_powerbanks > 0))
            and (self.has_free_slot is None or self.has_free_slot == (listed_station.free_slots > 0))
            and (self.open_now is None or self.open_now == listed_station.is_open(self.clock_time))
        )
