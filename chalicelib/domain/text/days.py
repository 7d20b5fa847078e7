"""Days in Kathmandu, and spans of time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

KATHMANDU = timezone(timedelta(hours=5, minutes=45))


def day_of(at: datetime) -> date:
    """The calendar day of `at` in Kathmandu."""
    return at.astimezone(KATHMANDU).date()


def start_of_day(day: date) -> datetime:
    """The first moment of a day in Kathmandu, in UTC."""
    return datetime.combine(day, time.min, KATHMANDU).astimezone(UTC)


@dataclass(frozen=True)
class Span:
    """A span of time with both ends included. An end that is None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return (self.start is None or at >= self.start) and (self.end is None or at <= self.end)


ALWAYS = Span()
