"""A station as operators configure it."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.problems import Problem


class StationStatus(StrEnum):
    """A station's state as the app shows it."""

    ONLINE = "online"
    OFFLINE = "offline"
    MAINTENANCE = "maintenance"


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
    listing_page: str = "0"
    """The listing page of this station. Each page has a bounded number of stations."""
    ejecting_rental_id: str | None = None
    ejecting_until: datetime | None = None
    version: int = 0

    def must_hand_out(self, now: datetime) -> None:
        """Raises Problem: station_in_maintenance, or station_busy while the cabinet ejects for another rental."""
        if self.maintenance:
            raise Problem("station_in_maintenance")
        if self.ejecting_until is not None and now < self.ejecting_until:
            wait = max(1, math.ceil((self.ejecting_until - now).total_seconds()))
            raise Problem("station_busy", retry_after_seconds=wait)
