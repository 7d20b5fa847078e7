"""A station in a listing."""

from typing import Any, NamedTuple

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
