"""The filter of a listing of stations."""

from dataclasses import dataclass
from functools import cached_property

from chalicelib.domain.stations.listed_station import FLAGS_COUNT, FREE_SLOT, POWERBANK, STATUS, STATUSES
from chalicelib.domain.stations.station import StationStatus
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

    @property
    def matches_all(self) -> bool:
        """Whether every station matches."""
        fields = (self.status, self.has_powerbank, self.has_free_slot, self.open_now)
        return all(field is None for field in fields) and not self.folded_search

    @cached_property
    def folded_search(self) -> str:
        """The text to search for, folded. Empty where there is none."""
        return search_text(self.search) if self.search else ""

    @cached_property
    def flags_table(self) -> bytes:
        """A table for `bytes.translate`: 1 for the flags of a state that matches the fields about states, else 0."""
        return bytes(map(self._matches_flags, range(FLAGS_COUNT))).ljust(256, b"\0")

    def _matches_flags(self, flags: int) -> bool:
        return (
            (self.status is None or flags & STATUS == STATUSES.index(self.status))
            and (self.has_powerbank is None or self.has_powerbank == bool(flags & POWERBANK))
            and (self.has_free_slot is None or self.has_free_slot == bool(flags & FREE_SLOT))
        )
