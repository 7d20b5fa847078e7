"""A station as operators configure it."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.problems.problems import Problem

MAX_AMENITIES = 20
MAX_IMAGES = 10
MAX_TEXT_LENGTH = 500
"""The longest name, address, landmark, amenity or address of an image of a station."""


class StationStatus(StrEnum):
    """A station's state as the app shows it."""

    ONLINE = "online"
    OFFLINE = "offline"
    MAINTENANCE = "maintenance"


def is_open(opening_time: str, closing_time: str, clock_time: str) -> bool:
    """Whether a station is open at a time of day. All three are HH:MM in Kathmandu.

    The closing minute counts as open. A station that closes before it opens is open over midnight.
    """
    if opening_time <= closing_time:
        return opening_time <= clock_time <= closing_time
    return clock_time >= opening_time or clock_time <= closing_time


@dataclass(frozen=True)
class Station:
    """A station. Latitude and longitude are in degrees."""

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
    ejecting_rental_id: str | None = None
    ejecting_until: datetime | None = None
    planned_slots: int | None = None
    """How many slots its cabinet has, as an operator wrote it. What the cabinet reports counts once it has."""
    created_at: datetime | None = None
    """When an operator registered it, and changed its configuration last."""
    updated_at: datetime | None = None
    version: int = 0

    def must_fit_a_row(self) -> None:
        """Raises ValueError for more amenities, more images or longer texts than a station may have."""
        texts = (self.sn, self.imei, self.name, self.address, self.landmark, *self.amenities, *self.images)
        if len(self.amenities) > MAX_AMENITIES or len(self.images) > MAX_IMAGES:
            raise ValueError(f"station {self.sn} has too many amenities or images")
        if max(map(len, texts)) > MAX_TEXT_LENGTH:
            raise ValueError(f"station {self.sn} has too long a text")

    def is_ejecting(self, now: datetime) -> bool:
        """Whether the cabinet ejects for a rental, or did so a moment ago."""
        return self.ejecting_until is not None and now < self.ejecting_until

    def may_eject_for(self, rental_id: str, now: datetime) -> bool:
        """Whether the cabinet may eject for this rental: not in maintenance, nor while it ejects for another one."""
        is_free = not self.is_ejecting(now) or self.ejecting_rental_id == rental_id
        return is_free and not self.maintenance

    def must_hand_out(self, now: datetime) -> None:
        """Raises Problem: station_in_maintenance, or station_busy while the cabinet ejects for another rental."""
        if self.maintenance:
            raise Problem("station_in_maintenance")
        self.must_not_eject(now)

    def must_not_eject(self, now: datetime) -> None:
        """Raises Problem("station_busy") while the cabinet ejects, or did so a moment ago."""
        if self.ejecting_until is not None and self.is_ejecting(now):
            wait = max(1, math.ceil((self.ejecting_until - now).total_seconds()))
            raise Problem("station_busy", retry_after_seconds=wait)
