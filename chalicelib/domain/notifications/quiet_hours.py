"""The hours of the night in Kathmandu in which pushes that are not urgent wait."""

from datetime import datetime, timedelta

from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.text.days import KATHMANDU


def wait_for_morning(at: datetime, settings: Settings) -> timedelta | None:
    """How long a push at `at` waits for the end of the night. None by day, and where both hours are the same."""
    local = at.astimezone(KATHMANDU)
    first, end = settings.push_quiet_from_hour, settings.push_quiet_until_hour
    is_night = first <= local.hour < end if first <= end else local.hour >= first or local.hour < end
    if not is_night:
        return None
    morning = local.replace(hour=end, minute=0, second=0, microsecond=0)
    return (morning if morning > local else morning + timedelta(days=1)) - local
