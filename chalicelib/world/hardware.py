"""The cabinets, and the queue that their platform fills."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from chalicelib.domain.cabinets.cabinet_http import ConnectionData
from chalicelib.domain.cabinets.cabinet_protocol.envelope import InboxMessage

MAX_RECEIVED = 16
"""The most messages that the platform's queue hands out at once."""
MAX_IMEIS_PER_CALL = 50
"""The most cabinets whose state one call of the platform returns."""


class Cabinets(Protocol):
    """Commands to cabinets over the manufacturer's platform. A command accepted there may still not be delivered."""

    def eject(self, imei: str, powerbank_sn: str, *, at: datetime) -> None:
        """Send an eject command once, with QoS 0.

        Raises Rejected or Unavailable when it surely was not sent, and OutcomeUnknown.
        """
        ...

    def check(self, imei: str) -> None:
        """Ask a cabinet for a snapshot, which arrives through the inbox. Raises like `eject`."""
        ...

    def command(self, imei: str, content: bytes) -> None:
        """Send a command other than an eject once, with QoS 0. Raises like `eject`."""
        ...

    def echo(self, imei: str, topic: str, frame: bytes) -> None:
        """Send a heartbeat back on the topic on which it came. Raises like `eject`."""
        ...

    def credentials(self, imei: str) -> ConnectionData:
        """What the cabinet needs to connect. The platform learns of a new cabinet so. Raises like `eject`."""
        ...

    def online(self, imeis: Sequence[str]) -> Mapping[str, bool]:
        """Which cabinets the platform calls online, with a call for each MAX_IMEIS_PER_CALL. Cabinets that it does
        not know are absent. Raises Unavailable."""
        ...


class Inbox(Protocol):
    """The queue that the hardware platform fills. It delivers at least once and in any order."""

    def run(self) -> AbstractContextManager[None]:
        """Inside the block each thread keeps one connection. The block begins without any from before."""
        ...

    def receive(self, wait_seconds: int, at_most: int = MAX_RECEIVED) -> Sequence[InboxMessage]:
        """Up to `at_most` messages, after a wait of at most `wait_seconds` (0 to 30); may be empty.

        Raises Unavailable; UnreadableBatch when the answer can't be read.
        """
        ...

    def delete(self, messages: Sequence[InboxMessage]) -> None:
        """Delete messages whose content is stored with us. A message whose receipt has expired is delivered again."""
        ...
