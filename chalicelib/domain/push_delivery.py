"""The delivery of one notification to one device. It is logged before the send, so that a device gets a push once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PushState(StrEnum):
    """The state of a delivery."""

    SENDING = "sending"
    """A worker sends it, or died while sending it."""
    WAITING = "waiting"
    """The send failed, or its outcome is unknown. It is tried again."""
    SENT = "sent"
    REFUSED = "refused"
    """The push service rejected it for good."""


FINAL_STATES = frozenset({PushState.SENT, PushState.REFUSED})


@dataclass(frozen=True)
class PushDelivery:
    """One row of the delivery log: a notification and a device."""

    user_id: str
    push_id: str
    state: PushState
    tried_at: datetime
    tries_count: int = 1


def push_id_of(notification_id: str, device_id: str) -> str:
    """The ids of all deliveries of a notification start with the notification's id."""
    return f"{notification_id}#{device_id}"
