"""Entries of the event log: each frame of a cabinet, each command to one, and each API call about a rental."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain.text.time_text import sortable_time_text

EVENT_TTL = timedelta(days=90)


class EventKind(StrEnum):
    """What an entry is about."""

    FRAME = "frame"
    """Bytes that a cabinet sent."""
    CONNECTION = "connection"
    """The platform's report that a cabinet went online or offline."""
    COMMAND = "command"
    """Bytes that the service sent to a cabinet."""
    API = "api"
    """A call of a customer or an operator about a rental."""
    NOTIFICATION = "notification"


RANKS: Mapping[EventKind, int] = {
    EventKind.API: 0,
    EventKind.COMMAND: 3,
    EventKind.CONNECTION: 4,
    EventKind.FRAME: 5,
    EventKind.NOTIFICATION: 6,
}
"""The order of entries of the same moment: a call comes before what it did."""
ACCEPTED = "accepted"
"""The outcome of a call that changed something, and of a notification."""


class CommandOutcome(StrEnum):
    """The outcome of a command, as far as the platform reported it."""

    ORDERED = "ordered"
    """Stored with the rental, and sent at once. A command that is known not to be sent gets another outcome."""
    SENT = "sent"
    NOT_SENT = "not_sent"
    UNANSWERED = "unanswered"
    """The platform did not answer: the cabinet may have the command or not."""


@dataclass(frozen=True)
class LogEntry:
    """One entry. `source` is the IMEI of the cabinet, or the rental id for an entry without a cabinet.

    `at` is the sender's time and `recorded_at` ours. `raw` holds the bytes, and `fields` what they say. An entry
    holds no personal data but the rental id.
    """

    source: str
    kind: EventKind
    name: str
    at: datetime
    recorded_at: datetime
    outcome: str
    message_id: str
    rental_id: str | None = None
    raw: bytes = field(default=b"", repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def entry_id(self) -> str:
        """Sorts by the sender's time. A message that is handled again has another entry.

        The platform's times are whole seconds. A frame sorts at the end of its second, after the command that it
        answers.
        """
        at = self.at
        if self.kind in (EventKind.FRAME, EventKind.CONNECTION) and at.microsecond == 0:
            at = at.replace(microsecond=999_999)
        return place_of(at, self.recorded_at, RANKS[self.kind], self.message_id)


def place_of(at: datetime, recorded_at: datetime, rank: int, name: str) -> str:
    """The id of an entry, or the place of something else among entries. `rank` decides at the same moment."""
    return "#".join((sortable_time_text(at), sortable_time_text(recorded_at), f"{rank}-{name}"))
