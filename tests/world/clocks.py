"""Calls schedules and consumers as EventBridge and SQS do. A failed message is delivered again."""

import json
from contextlib import suppress
from typing import Any

from app import app
from chalicelib.world import World
from infra.local.aws.lambdas import Context, clock_event, consumers, queue_event, schedules
from tests.world.fake_world import FakeWorld

RUN_SECONDS = 60.0


def tick(world: World, name: str, context: Any = None) -> Any:
    """Run a schedule once. An error ends only this run."""
    (schedule,) = [schedule for schedule in schedules(app) if schedule.name == name]
    with suppress(Exception):
        return schedule.handler(clock_event(schedule, world.now()), context or Context(name, RUN_SECONDS))


def consume(fake_world: FakeWorld, queue: str) -> None:
    """Pass a queue's messages to its consumer, one in each batch. A failed message returns to the queue."""
    (consumer,) = [consumer for consumer in consumers(app) if consumer.queue == queue]
    for body in fake_world.queues.take(queue):
        content = {"MessageId": "m", "ReceiptHandle": "r", "Body": json.dumps(body), "MD5OfBody": ""}
        is_handled = False
        try:
            is_handled = not consumer.handler(queue_event(queue, [content]), None)["batchItemFailures"]
        finally:
            if not is_handled:
                fake_world.queues.send(queue, [body])
