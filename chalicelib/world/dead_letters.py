"""Messages of our queues that no consumer could handle."""

from collections.abc import Sequence
from typing import Protocol

from chalicelib.domain.operations.dead_letter import DeadLetter


class DeadLetters(Protocol):
    """The dead-letter queues."""

    def peek(self, dead_letter_queue: str) -> Sequence[DeadLetter]:
        """At most ten messages that wait. They stay. Raises Unavailable."""
        ...

    def redrive(self, dead_letter_queue: str, queue: str, limit: int) -> int:
        """Send at most `limit` messages to `queue`, and delete them here. Returns their number.

        Two calls at once move each message once. After a crash a message may be there twice. Raises Unavailable when
        none was moved.
        """
        ...
