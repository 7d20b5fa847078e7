"""A station in a listing."""

from typing import NamedTuple

from chalicelib.domain.stations.station import StationStatus
from chalicelib.domain.text.search_text import search_text

CONFIGURED_FIELDS = 9
"""The number of the first fields of a listed station, which operators configure. The others are its state."""
STATUSES = tuple(StationStatus)
STATUS, POWERBANK, FREE_SLOT = 0b0011, 0b0100, 0b1000
"""Bits of the flags of a state: the position of the status in STATUSES, whether there is a power bank to rent, and
whether there is a free slot."""
FLAGS_COUNT = 0b10000


class StationState(NamedTuple):
    """What the cabinet of a listed station reports."""

    status: StationStatus
    total_slots: int
    available_powerbanks: int
    free_slots: int

    @property
    def flags(self) -> int:
        """What filters read, in four bits."""
        powerbank, free_slot = self.available_powerbanks > 0, self.free_slots > 0
        return STATUSES.index(self.status) | POWERBANK * powerbank | FREE_SLOT * free_slot


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

    @property
    def state(self) -> StationState:
        """The fields that the cabinet reports."""
        return StationState._make(self[CONFIGURED_FIELDS:])

    @property
    def search_text(self) -> str:
        """The folded text that a search reads."""
        return search_text(f"{self.name} {self.address} {self.landmark} {self.sn}")
