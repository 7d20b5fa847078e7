"""A notification on its way to one device: logged before it is sent, so that a device hears it once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PushState(StrEnum):
    """How far it has come."""

    SENDING = "sending"
    """Somebody is at it, or died at it."""
    WAITING = "waiting"
    """It did not arrive, or perhaps not: to be tried again."""
    SENT = "sent"
    REFUSED = "refused"
    """The service will never bring it there."""


FINAL_STATES = frozenset({PushState.SENT, PushState.REFUSED})


@dataclass(frozen=True)
class PushDelivery:
    """The log's line about one notification and one device."""

    user_id: str
    push_id: str
    state: PushState
    tried_at: datetime
    tries_count: int = 1


def push_id_of(notification_id: str, device_id: str) -> str:
    """All pushes of a notification begin alike."""
    return f"{notification_id}#{device_id}"
