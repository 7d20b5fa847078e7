"""A notification of a user, and whether the user has read it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.notifications.notification_kinds import NotificationKind, Topic
from chalicelib.domain.notifications.notification_templates import TEMPLATES
from chalicelib.domain.notifications.notification_texts.template import NotificationTemplate, RenderedText
from chalicelib.domain.text.ids import RANDOM_BYTES, ulid

NOTIFICATION_TTL = timedelta(days=180)
MAX_COMMIT_DELAY = timedelta(minutes=1)
"""The longest time between making an id and its commit. A notification with an older id is stored by now, or never
will be."""


@dataclass(frozen=True)
class Notification:
    """One notification. `unread_id` equals `notification_id` until the user reads it."""

    user_id: str
    notification_id: str
    kind: NotificationKind
    data: dict[str, Any]
    """Ids, amounts (`_paisa`) and an operator's text. It holds no secret."""
    created_at: datetime
    unread_id: str | None = None

    @property
    def template(self) -> NotificationTemplate:
        return TEMPLATES[self.kind]

    @property
    def topic(self) -> Topic:
        return self.template.topic

    def render(self, language: str) -> RenderedText:
        """In Nepali for `ne`, else in English."""
        return self.template.render(language, self.data, self.created_at)

    def is_read(self, read_until: str) -> bool:
        """True if the user read this notification, or marked all with an id before `read_until` as read."""
        return self.unread_id is None or self.notification_id < read_until


@dataclass(frozen=True)
class ReadMark:
    """What a user has read and hidden without a write to its row.

    Everything with an id smaller than `read_until` is read. Broadcasts have no row of the user, so that those that
    the user read or deleted one by one are named here.
    """

    read_until: str = ""
    read_broadcasts: Collection[str] = ()
    hidden_broadcasts: Collection[str] = ()


def first_id_at(at: datetime) -> str:
    """The smallest id that can be made at that time."""
    return ulid(at, bytes(RANDOM_BYTES))


def next_id_after(notification_id: str) -> str:
    """A text that sorts after the id, and before every larger id."""
    return f"{notification_id}0"
