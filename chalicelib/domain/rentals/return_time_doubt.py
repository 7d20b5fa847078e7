"""A return whose time the service knows only roughly, because the cabinet was offline or silent.

Whether a report is a return at all, `sighting.py` and `slot_reports.py` decide.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.rentals.rental import Rental


@dataclass(frozen=True)
class ReturnDoubt:
    """The rental ended at `ended_at`, and a cabinet reported its return at `reported_at`, much later."""

    rental_id: str
    user_id: str
    station_sn: str
    ended_at: datetime
    reported_at: datetime

    @property
    def minutes(self) -> int:
        """Whole minutes between the end of the rental and the report."""
        return (self.reported_at - self.ended_at) // timedelta(minutes=1)


def return_doubt(ended: Rental, reported_at: datetime, limit: timedelta) -> ReturnDoubt | None:
    """The doubt about the time of a return. None when it is at most `limit`, or the rental has not ended."""
    if ended.ended_at is None or ended.return_station is None or reported_at - ended.ended_at <= limit:
        return None
    return ReturnDoubt(ended.rental_id, ended.user_id, ended.return_station.sn, ended.ended_at, reported_at)
