"""Writes times as ISO 8601 text in UTC."""

from datetime import UTC, datetime


def time_text(at: datetime) -> str:
    """To the second, as the API writes times: `2026-01-31T09:15:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sortable_time_text(at: datetime) -> str:
    """To the microsecond, as the tables store times: `2026-01-31T09:15:00.000000Z`. Text order is time order."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
