"""Days as people in Nepal have them: +05:45, and never another time of the year."""

from datetime import UTC, date, datetime, time, timedelta, timezone

KATHMANDU = timezone(timedelta(hours=5, minutes=45))


def day_of(at: datetime) -> date:
    """The day it was in Kathmandu."""
    return at.astimezone(KATHMANDU).date()


def begins(day: date) -> datetime:
    """The day's first moment, in UTC; it ends where the next begins."""
    return datetime.combine(day, time.min, KATHMANDU).astimezone(UTC)
