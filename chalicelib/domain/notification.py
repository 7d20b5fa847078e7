"""A notification: what a user was told, and whether it has been read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.ids import RANDOM_BYTES, ulid
from chalicelib.domain.notification_templates import TELLINGS, Kind, Telling, Words

LIVES = timedelta(days=180)
SETTLED = timedelta(minutes=1)
"""No transaction takes so long: what is told with an older id is there by now, or never will be."""


@dataclass(frozen=True)
class Notification:
    """One thing a user was told. `unread_id` is its own id until somebody marks it read."""

    user_id: str
    notification_id: str
    kind: Kind
    data: dict[str, Any]
    """Ids, amounts (`_paisa`) and an operator's words; nothing secret."""
    created_at: datetime
    unread_id: str | None = None

    @property
    def telling(self) -> Telling:
        return TELLINGS[self.kind]

    def words(self, language: str) -> Words:
        """In Nepali for `ne`, else in English."""
        told = self.telling.ne if language == "ne" else self.telling.en
        said = {
            name.removesuffix("_paisa"): rupees(value) if name.endswith("_paisa") else value
            for name, value in self.data.items()
        }
        return Words(told.title.format(**said), told.message.format(**said))

    def is_read(self, read_until: str) -> bool:
        """By itself, or with all that were there before the id `read_until`."""
        return self.unread_id is None or self.notification_id < read_until


def rupees(paisa: int) -> str:
    """12050 is `120.50`."""
    return f"{paisa // 100}.{paisa % 100:02d}"


def first_id_at(at: datetime) -> str:
    """No id of that moment or later is smaller."""
    return ulid(at, bytes(RANDOM_BYTES))
