"""Our queues, and the channels to customers: SMS, e-mail and push."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class Queues(Protocol):
    """Our own queues."""

    def send(self, queue: str, bodies: Sequence[Mapping[str, Any]]) -> None:
        """Return when the queue has stored every message.

        Raises Unavailable when it may lack any of them; sending all of them again is harmless.
        """
        ...

    def retry_later(self, queue: str, seconds_by_receipt: Mapping[str, int]) -> None:
        """Deliver at most ten received messages again, each after its seconds, in place of the queue's own time.

        Raises Unavailable when some of them may wait for the queue's own time.
        """
        ...

    def waiting(self, queue: str) -> int:
        """About how many messages a queue or a dead-letter queue holds. Raises Unavailable."""
        ...


class Sms(Protocol):
    """Text messages."""

    def send(self, to: str, text: str) -> None:
        """Send to a number in E.164.

        Raises ReceiverUnavailable (this number later), Unavailable (try later), Rejected (never for this number) or
        OutcomeUnknown (may have been sent).
        """
        ...


class Mail(Protocol):
    """Plain-text e-mail to one receiver."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Send to an ASCII address.

        Raises ReceiverUnavailable (this address later), Unavailable (try later), Rejected (never to this address) or
        OutcomeUnknown (may have been sent).
        """
        ...


class PushService(Protocol):
    """Push notifications to devices."""

    def send(self, token: str, title: str, body: str, data: Mapping[str, str]) -> None:
        """Send to one device. A device shows only the later of two messages with the same `data["notification_id"]`.

        Raises Rejected (never to this token), InvalidMessage (never to any token), ReceiverUnavailable (this device
        later), CredentialsRejected or Unavailable (try later), or OutcomeUnknown (may have been sent).
        """
        ...
