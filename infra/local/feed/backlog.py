"""How much waits in the queues and in the outbox, for the feed's lines about them."""

import threading
from contextlib import suppress

import requests
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from chalicelib.tables.outbox import OutboxRow
from infra.local.aws.queue_counts import QueueCounts
from infra.local.snapshots.activity_gate import ActivityGate


class OutboxCount:
    """Counts the rows of the outbox by the writes that the service makes, so that no line costs a scan."""

    def __init__(self, activity: ActivityGate) -> None:
        self._activity = activity
        self._lock = threading.Lock()
        self._ids: set[str] | None = None
        """None until the rows are read: at the first count, and after each restore."""
        self._epoch = activity.epoch

    def note_put(self, message_id: str) -> None:
        with self._lock:
            if self._ids is not None:
                self._ids.add(message_id)

    def note_deleted(self, message_id: str) -> None:
        with self._lock:
            if self._ids is not None:
                self._ids.discard(message_id)

    def count(self) -> int:
        """Raises what the tables' client raises where they don't answer."""
        with self._lock:
            if self._ids is None or self._epoch != self._activity.epoch:
                self._epoch = self._activity.epoch
                self._ids = {str(row.message_id) for row in OutboxRow.scan(consistent_read=True)}
            return len(self._ids)


class Backlog:
    """What waits. None where an engine does not answer: a line of the feed then says nothing of it."""

    def __init__(self, queues: QueueCounts, outbox: OutboxCount) -> None:
        self._queues = queues
        self._outbox = outbox

    def queue(self, name: str) -> int | None:
        """The messages of a queue, with those that a consumer has at the moment."""
        with suppress(requests.RequestException):
            return self._queues.count(name)
        return None

    def outbox(self) -> int | None:
        with suppress(BotoCoreError, ClientError, PynamoDBException):
            return self._outbox.count()
        return None
