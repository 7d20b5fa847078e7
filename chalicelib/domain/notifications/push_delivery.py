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
    retry_at: datetime | None = None
    """The time before which this device is not tried again."""

    def may_be_tried_at(self, now: datetime) -> bool:
        return self.state not in FINAL_STATES and (self.retry_at is None or now >= self.retry_at)


def push_id_of(notification_id: str, device_id: str) -> str:
    """The ids of all deliveries of a notification start with the notification's id."""
    return f"{notification_id}#{device_id}"
