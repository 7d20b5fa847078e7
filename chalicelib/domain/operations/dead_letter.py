"""A message that no consumer could handle, and what of it operators may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.text.nested_json import parse_json

SHOWN = frozenset(
    {
        "message_id",
        "user_id",
        "rental_id",
        "intent_id",
        "refund_id",
        "broadcast_id",
        "notification_id",
        "what",
        "source",
        "kind",
        "event",
        "sn",
        "imei",
        "shard",
        "at",
    }
)
"""Fields that say what a message is about, and nothing of a person but the id of the account."""


@dataclass(frozen=True)
class DeadLetter:
    """`body` is the text of the message, which may hold personal data."""

    letter_id: str
    body: str
    sent_at: datetime
    receives_count: int

    @property
    def _fields(self) -> Mapping[str, Any]:
        try:
            content = parse_json(self.body)
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}

    @property
    def shown(self) -> Mapping[str, str]:
        """The fields that operators may see, as text."""
        return {name: str(value)[:128] for name, value in self._fields.items() if name in SHOWN}

    @property
    def hidden(self) -> tuple[str, ...]:
        """The names of the other fields."""
        return tuple(sorted(name[:64] for name in self._fields if name not in SHOWN))[:50]
