"""When a user is reminded of an incomplete profile."""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.accounts.rent_eligibility import is_profile_complete
from chalicelib.domain.configuration.settings import Settings
from chalicelib.domain.notifications.quiet_hours import wait_for_morning
from chalicelib.domain.users.user import User


def with_reminder(user: User, now: datetime, settings: Settings) -> User:
    """The user with the time of the next reminder: none with a complete profile. A time that is there stays."""
    if is_profile_complete(user):
        return replace(user, reminder_at=None)
    return user if user.reminder_at is not None else reminded(user, now, settings)


def reminded(user: User, now: datetime, settings: Settings) -> User:
    """The user whose next reminder comes a day after `now`, and by day."""
    at = now + timedelta(hours=settings.profile_reminder_hours)
    return replace(user, reminder_at=at + (wait_for_morning(at, settings) or timedelta()))
