"""The filter of a listing of stations."""

from dataclasses import dataclass
from functools import cached_property

from chalicelib.domain.stations.listed_station import StationState
from chalicelib.domain.stations.station import StationStatus, is_open
from chalicelib.domain.text.search_text import search_text


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

    def matches_state(self, state: StationState) -> bool:
        """Whether a station in this state matches the fields about states."""
        return (
            (self.status is None or state.status == self.status)
            and (self.has_powerbank is None or self.has_powerbank == (state.available_powerbanks > 0))
            and (self.has_free_slot is None or self.has_free_slot == (state.free_slots > 0))
        )

    def matches_hours(self, opening_time: str, closing_time: str) -> bool:
        """Whether a station with these opening hours matches `open_now`."""
        return self.open_now is None or self.open_now == is_open(opening_time, closing_time, self.clock_time)
