"""Words of the query string that several doors understand alike."""

from datetime import UTC, date, datetime, time, timedelta, timezone

from chalicelib.services.history import Span

KATHMANDU = timezone(timedelta(hours=5, minutes=45))


def span_of(start: date | None, end: date | None) -> Span:
    """Whole days in Kathmandu, both included."""
    return Span(
        datetime.combine(start, time.min, KATHMANDU).astimezone(UTC) if start else None,
        datetime.combine(end, time.max, KATHMANDU).astimezone(UTC) if end else None,
    )
