"""An eject that failed for certain, so that its rental got another power bank of the same station."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.rental_station import RentalStation


@dataclass(frozen=True)
class RefusedEject:
    """What a rental stores of the power bank that did not come out, and of its eject command."""

    powerbank_sn: str
    battery_percent: int | None
    station: RentalStation
    requested_at: datetime
    eject_by: datetime
    failure: str
    rental_id: str
    """The id of the rental that begins if this power bank comes out beside the other one."""
