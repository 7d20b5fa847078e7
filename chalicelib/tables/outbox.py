"""Messages that follow from a write: they stay until their effect is done, and are done once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.domain.operations.backoff import doubled
from chalicelib.domain.operations.message_errors import AlreadyProcessed
from chalicelib.tables.atomic import Transaction
from chalicelib.tables.attributes import IntAttribute, TimeAttribute
from chalicelib.tables.conditional_writes import delete_if
from chalicelib.tables.dynamodb import due_in
from chalicelib.tables.rows import Key, Row, WaitingIndex, entity, shard_of, values

MAX_RESEND_FACTOR = 64
"""How many times the first wait the longest wait between two sends is."""


@dataclass(frozen=True)
class Message:
    """A message to a queue. `message_id` names its cause, so that one cause is stored once."""

    message_id: str
    queue: str
    body: dict[str, Any]
    due_at: datetime
    send_at: datetime
    """When the sweep sends the message, or sends it again."""
    sends_count: int = 0
    version: int = 0

    def sent(self, now: datetime, resend_seconds: int) -> "Message":
        """Sent once more by the sweep: the next time after a doubling wait."""
        first = timedelta(seconds=resend_seconds)
        wait = doubled(first, self.sends_count, longest=first * MAX_RESEND_FACTOR)
        return replace(self, sends_count=self.sends_count + 1, send_at=now + wait)

    def postponed(self, until: datetime) -> "Message":
        """A part of its effect is done, and the sweep sends it for the rest at `until`."""
        return replace(self, due_at=until, send_at=until)


class OutboxWaiting(WaitingIndex, name="waiting"):
    """Messages whose effect is not done."""


class OutboxRow(Row):
    class Meta:
        table_name = "outbox"

    message_id = UnicodeAttribute(hash_key=True)
    queue = UnicodeAttribute()
    body = JSONAttribute()
    due_at = TimeAttribute()
    send_at = TimeAttribute()
    sends_count = IntAttribute()
    shard = UnicodeAttribute()
    wait_until = TimeAttribute()
    version = IntAttribute()
    waiting = OutboxWaiting()


def message_key(message_id: str) -> Key[Message]:
    return Key(OutboxRow, message_id, None, lambda row: entity(row, Message))


def add(ops: Transaction, message: Message) -> None:
    """Stage the message, in the transaction of its cause."""
    ops.save(_row(message), message.version)


def complete(ops: Transaction, message_id: str) -> None:
    """Stage the deletion of a message, in the transaction of its effect. Raises AlreadyProcessed when it is gone."""
    ops.remove(OutboxRow(message_id=message_id), conflict=AlreadyProcessed())


def drop(message_id: str) -> None:
    """Delete a message that needs no effect. A missing message is no error."""
    delete_if(OutboxRow(message_id=message_id), OutboxRow.message_id.exists())


def waiting(now: datetime, limit: int) -> list[Message]:
    """Messages whose effect should be done by `now` and is not."""
    messages = due_in(OutboxRow.waiting, lambda row: message_key(row.message_id), now, limit)
    return [message for message in messages if message.send_at <= now]


def _row(message: Message) -> OutboxRow:
    return OutboxRow(**values(message), shard=shard_of(message.message_id), wait_until=message.send_at)
