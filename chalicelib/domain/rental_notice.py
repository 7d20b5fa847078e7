"""What a customer is told because of the time of a rental: a reminder, lateness, and the loss."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NoticeKind(StrEnum):
    """In the order in which they follow each other."""

    REMINDER = "reminder"
    """The due time is near."""
    OVERDUE = "overdue"
    """The due time has passed."""
    LOST = "lost"
    """The power bank counts as lost."""


@dataclass(frozen=True)
class RentalNotice:
    """A notice that was due. After an extension the due time is another one, and notices are due again."""

    kind: NoticeKind
    extensions_count: int
    at: datetime
