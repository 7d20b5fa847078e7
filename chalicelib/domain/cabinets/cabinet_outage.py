"""A time in which a cabinet was offline, and which reports after it may be about that time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

MAX_SILENCE = timedelta(minutes=12)
"""A cabinet that is online sends a heartbeat every 9 minutes. A longer silence than this one is an outage."""
REPORTING_TIME = timedelta(minutes=5)
"""After it comes online a cabinet tests its slots within 5 minutes, and sends its snapshot after one minute."""
CLOCK_GRAIN = timedelta(seconds=1)
"""The hardware platform rounds its times down to whole seconds."""


@dataclass(frozen=True)
class Outage:
    """The latest outage of a cabinet. `since` is the time of its last message before the outage.

    `lost_at` is the time at which the platform noticed the outage. `until` is the first sign of the cabinet after it,
    None while the cabinet is offline. `reported` says that the platform reported the lost or the new connection;
    otherwise only the silence of the cabinet shows the outage.
    """

    since: datetime
    lost_at: datetime | None = None
    until: datetime | None = None
    reported: bool = True

    def with_message(self, at: datetime) -> "Outage":
        """The outage after the cabinet's own message of `at`. Messages may arrive in any order."""
        if self.lost_at is not None and at <= self.lost_at:
            return replace(self, since=max(self.since, at))
        if self.until is None or (self.lost_at is not None and at < self.until):
            return replace(self, until=at)
        return self

    def with_new_connection(self, at: datetime) -> "Outage":
        """The outage after the platform reported at `at` that the cabinet is online again."""
        return replace(self, until=at if self.until is None else min(at, self.until), reported=True)

    def covers(self, at: datetime) -> bool:
        """Whether the cabinet was offline at `at`, or came online then."""
        return self.since < at and (self.until is None or at < self.until + CLOCK_GRAIN)

    def reporting(self, at: datetime) -> bool:
        """Whether at `at` the cabinet may still be reporting what happened in the outage."""
        return self.until is not None and self.until < at + CLOCK_GRAIN and at < self.until + REPORTING_TIME

    def is_unreported(self, snapshot_at: datetime | None) -> bool:
        """Whether no snapshot has shown what happened in the outage. `snapshot_at` is the latest snapshot."""
        return self.until is None or snapshot_at is None or snapshot_at < self.until

    def next_since(self, last_seen_at: datetime, *, snapshot_at: datetime | None) -> datetime:
        """When the next outage begins. `last_seen_at` is the cabinet's last message before it.

        It is the beginning of this one when the connection was lost again before the cabinet reported this one.
        """
        again = self.until is not None and last_seen_at < self.until + REPORTING_TIME
        return self.since if self.reported and again and self.is_unreported(snapshot_at) else last_seen_at
