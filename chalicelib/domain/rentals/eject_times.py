"""The times of an eject command: its request, its end, and the check of its outcome."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.configuration.settings import Settings


@dataclass(frozen=True)
class EjectTimes:
    """The command is sent at `requested_at`, and not after `eject_by`. The sweep checks its outcome at `sweep_at`."""

    requested_at: datetime
    eject_by: datetime
    sweep_at: datetime

    @classmethod
    def of(cls, requested_at: datetime, settings: Settings) -> "EjectTimes":
        """The times of a command that is sent at `requested_at`, which may be later than now."""
        eject_by = requested_at + timedelta(seconds=settings.eject_publish_within_seconds)
        return cls(requested_at, eject_by, eject_by + timedelta(seconds=settings.eject_grace_seconds))

    @classmethod
    def after(cls, latest_at: datetime | None, now: datetime, settings: Settings) -> "EjectTimes":
        """The times of the next command: now, or `eject_spacing_seconds` after the cabinet's latest one."""
        if latest_at is None:
            return cls.of(now, settings)
        return cls.of(max(now, latest_at + timedelta(seconds=settings.eject_spacing_seconds)), settings)
