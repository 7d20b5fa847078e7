"""Limits the times that devices report."""

from datetime import datetime


def clamp(at: datetime, *, not_before: datetime, not_after: datetime) -> datetime:
    """Limit a time that a device reports to [`not_before`, `not_after`]."""
    return max(not_before, min(at, not_after))
