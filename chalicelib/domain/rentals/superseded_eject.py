"""An eject of a rental that another eject of the same rental replaced."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.rentals.rental_station import RentalStation


@dataclass(frozen=True)
class SupersededEject:
    """What a rental stores of the earlier power bank and of its eject command."""

    powerbank_sn: str
    battery_percent: int | None
    station: RentalStation
    requested_at: datetime
    eject_by: datetime
    failure: str
    rental_id: str
    """The id of the separate rental that begins if this power bank comes out although the rental has another one."""
