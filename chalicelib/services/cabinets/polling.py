"""Moves messages from the manufacturer's queue to ours, with several readers while messages wait there."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib import log
from chalicelib.domain.cabinets.cabinet_protocol.envelope import InboxMessage, InvalidEnvelope, read_envelope
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.services import outbox
from chalicelib.world import Unavailable, UnreadableBatch, World
from chalicelib.world.hardware import MAX_RECEIVED
from chalicelib.world.time_left import SecondsLeft

MAX_WAIT_SECONDS = 20
MIN_POLL_INTERVAL = timedelta(seconds=1)
MAX_UNREADABLE = 10
"""A run ends after more answers that can't be read: then the queue has trouble, and no single message."""
BACKLOG_READERS = 4
"""How many readers empty the queue at once after a full batch."""
MIN_SECONDS = 2


@dataclass
class ReceiveSize:
    """How many messages a run receives at once: MAX_RECEIVED, and one after an answer that could not be read.

    A single message that damages the answers stays behind, and keeps no other one back. The readers of a backlog
    share it without a lock: an increment that is lost between two threads only lets the run end one answer later.
    """

    unreadable_count: int = 0

    @property
    def at_most(self) -> int:
        return 1 if self.unreadable_count else MAX_RECEIVED


def poll(world: World, seconds_left: SecondsLeft) -> int:
    """Move messages until the time is nearly up. Returns their number.

    A message is deleted there only after our queue has it. One that can't be read goes to the poison queue unchanged.
    """
    with world.inbox.run():
        return _poll(world, seconds_left)


def _poll(world: World, seconds_left: SecondsLeft) -> int:
    count, size = 0, ReceiveSize()
    while (left := seconds_left()) > MIN_SECONDS:
        polled_at = world.now()
        received = _receive(world, size, max(0, min(MAX_WAIT_SECONDS, int(left) - 3)))
        if received is None:
            return count
        if received:
            count += len(received)
            _enqueue(world, received)
        elif world.now() - polled_at < MIN_POLL_INTERVAL:
            # An empty response without a wait means that too many long polls are open there.
            world.pause(MIN_POLL_INTERVAL.total_seconds())
        if len(received) >= MAX_RECEIVED:  # more messages may wait after a full batch
            count += _move_backlog(world, size, seconds_left)
    return count


def _move_backlog(world: World, size: ReceiveSize, seconds_left: SecondsLeft) -> int:
    """Move messages with several readers, until each reader met a batch that was not full."""
    with ThreadPoolExecutor(BACKLOG_READERS) as pool:
        readers = [
            pool.submit(copy_context().run, _move_while_full, world, size, seconds_left)
            for _ in range(BACKLOG_READERS)
        ]
    return sum(reader.result() for reader in readers)


def _move_while_full(world: World, size: ReceiveSize, seconds_left: SecondsLeft) -> int:
    count = 0
    while seconds_left() > MIN_SECONDS:
        received = _receive(world, size, 0)
        if not received:
            break
        count += len(received)
        _enqueue(world, received)
        if len(received) < MAX_RECEIVED:
            break
    return count


def _receive(world: World, size: ReceiveSize, wait_seconds: int) -> Sequence[InboxMessage] | None:
    """Received messages, or None with an alarm while the queue is unavailable.

    Empty, with an alarm, for an answer that can't be read: its messages come again, one by one.
    """
    try:
        return world.inbox.receive(wait_seconds, size.at_most)
    except UnreadableBatch:
        size.unreadable_count += 1
        if size.unreadable_count <= MAX_UNREADABLE:
            log.alarm(Alarm.INBOX_ANSWER_UNREADABLE)
            return []
        log.alarm(Alarm.INBOX_UNAVAILABLE)
        return None
    except Unavailable:
        log.alarm(Alarm.INBOX_UNAVAILABLE)
        return None


def _enqueue(world: World, received: Sequence[InboxMessage]) -> None:
    readable: list[tuple[InboxMessage, dict[str, Any]]] = []
    for message in received:
        try:
            readable.append((message, read_envelope(message.body).to_body()))
        except InvalidEnvelope as error:
            log.alarm(Alarm.ENVELOPE_INVALID, message_id=message.message_id, reason=error.reason)
            _forward(world, outbox.POISON, [(message, {"message_id": message.message_id, "raw": message.body})])
    _forward(world, outbox.DEVICE_EVENTS, readable)


def _forward(world: World, queue: str, pairs: Sequence[tuple[InboxMessage, dict[str, Any]]]) -> None:
    """Send to our queue, then delete at the manufacturer's. A failure in between repeats the messages."""
    if not pairs:
        return
    try:
        world.queues.send(queue, [body for _, body in pairs])
        world.inbox.delete([message for message, _ in pairs])
    except Unavailable:
        log.alarm(Alarm.QUEUE_UNAVAILABLE, queue=queue)
