"""A notification: what a user was told, and whether it has been read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.ids import RANDOM_BYTES, ulid
from chalicelib.domain.notification_templates import TEMPLATES, NotificationKind, NotificationTemplate, RenderedText

NOTIFICATION_TTL = timedelta(days=180)
MAX_COMMIT_DELAY = timedelta(minutes=1)
"""No transaction takes so long: what is told with an older id is there by now, or never will be."""


@dataclass(frozen=True)
class Notification:
    """One thing a user was told. `unread_id` is its own id until somebody marks it read."""

    user_id: str
    notification_id: str
    kind: NotificationKind
    data: dict[str, Any]
    """Ids, amounts (`_paisa`) and an operator's words; nothing secret."""
    created_at: datetime
    unread_id: str | None = None

    @property
    def template(self) -> NotificationTemplate:
        return TEMPLATES[self.kind]

    def render(self, language: str) -> RenderedText:
        """In Nepali for `ne`, else in English."""
        return self.template.render(language, self.data)

    def is_read(self, read_until: str) -> bool:
        """By itself, or with all that were there before the id `read_until`."""
        return self.unread_id is None or self.notification_id < read_until


def first_id_at(at: datetime) -> str:
    """No id of that moment or later is smaller."""
    return ulid(at, bytes(RANDOM_BYTES))
