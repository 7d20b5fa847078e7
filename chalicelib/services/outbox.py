"""Stages queue messages in the transaction of a write, sends them after it, and again until they are handled."""

from datetime import timedelta
from functools import partial
from typing import Any

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.services.best_effort import best_effort
from chalicelib.services.sweeps import for_each_isolated
from chalicelib.tables import outbox
from chalicelib.tables.atomic import Transaction, atomic
from chalicelib.tables.dynamodb import fetch_one
from chalicelib.tables.outbox import Message
from chalicelib.world import Unavailable, World

OTP, POINTS, DEVICE_EVENTS, PAYMENT_EVENTS, PUSH = (
    "bijuli-otp",
    "bijuli-points",
    "bijuli-device-events",
    "bijuli-payment-events",
    "bijuli-push",
)
REFUNDS = "bijuli-refunds"
ERASURE = "bijuli-erasure"
BROADCASTS = "bijuli-broadcasts"
POISON = "bijuli-poison"
CONSUMED = (OTP, POINTS, DEVICE_EVENTS, PAYMENT_EVENTS, ERASURE, PUSH, BROADCASTS, REFUNDS)
"""The queues with a consumer. Each has a dead-letter queue."""
SWEEP_LIMIT = 50


def dead_letter_name(queue: str) -> str:
    """The name of a queue's dead-letter queue."""
    return f"{queue}-dead"


def stage(
    ops: Transaction,
    world: World,
    queue: str,
    message_id: str,
    body: dict[str, Any],
    *,
    after: timedelta | None = None,
) -> Message:
    """Stage a message, which is sent after the commit. One `message_id` names one cause.

    A message with a time `after` is sent only by the sweep, when that time has passed. Any other message is sent by
    the sweep too while its effect is missing after `outbox_resend_seconds`.
    """
    now = world.now()
    send_at = now + (after or timedelta(seconds=world.settings().outbox_resend_seconds))
    due_at = now + (after or timedelta())
    message = Message(message_id, queue, {"message_id": message_id} | body, due_at=due_at, send_at=send_at)
    outbox.add(ops, message)
    if after is None:
        ops.after_commit(partial(send, world, message))
    return message


def send(world: World, message: Message) -> None:
    """Send a message. When its queue is unavailable, the sweep sends it later."""
    try:
        world.queues.send(message.queue, [message.body])
    except Unavailable:
        log.fact("publish_deferred", message_id=message.message_id, queue=message.queue)


def drop(message_id: str) -> None:
    """Delete a message whose effect is done. When DynamoDB is unavailable, the sweep sends the message again."""
    best_effort(lambda: outbox.drop(message_id), "outbox_drop", message_id=message_id)


def sweep(world: World) -> int:
    """Send overdue messages again and return their number. After too many sends a message also raises an alarm."""
    overdue = outbox.waiting(world.now(), SWEEP_LIMIT)
    return for_each_isolated(overdue, lambda message: _resend(world, message), lambda message: message.message_id)


def _resend(world: World, message: Message) -> None:
    _count_send(world, message)
    if message.sends_count + 1 >= world.settings().outbox_alarm_attempts:
        log.alarm(Alarm.MESSAGE_STUCK, message_id=message.message_id, queue=message.queue)
    send(world, message)


def _count_send(world: World, message: Message) -> None:
    key = outbox.message_key(message.message_id)

    def decide(ops: Transaction) -> None:
        current = fetch_one(key)
        if current is not None:
            outbox.add(ops, current.sent(world.now(), world.settings().outbox_resend_seconds))

    atomic(world, decide)
