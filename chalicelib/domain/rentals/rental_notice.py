"""Notices that depend on a rental's due time: the reminder before it, the delay, and the loss of the power bank."""

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
