"""The functions behind the clock and the queues, called as EventBridge and SQS call them: what fails comes again."""

import json
from contextlib import suppress
from typing import Any

from app import app
from chalicelib.world import World
from infra.local.lambdas import Context, clock_event, consumers, queue_event, schedules
from tests.fake_world import FakeWorld

RUN_SECONDS = 60.0


def tick(world: World, name: str, context: Any = None) -> Any:
    """One run of a schedule. An error ends the run and no more: the next minute comes all the same."""
    (schedule,) = [schedule for schedule in schedules(app) if schedule.name == name]
    with suppress(Exception):
        return schedule.handler(clock_event(schedule, world.now()), context or Context(name, RUN_SECONDS))


def consume(fake_world: FakeWorld, queue: str) -> None:
    """A queue's messages to its function, one a batch; what fails, or dies on the way, is in the queue again."""
    (consumer,) = [consumer for consumer in consumers(app) if consumer.queue == queue]
    for body in fake_world.queues.take(queue):
        content = {"MessageId": "m", "ReceiptHandle": "r", "Body": json.dumps(body), "MD5OfBody": ""}
        is_handled = False
        try:
            is_handled = not consumer.handler(queue_event(queue, [content]), None)["batchItemFailures"]
        finally:
            if not is_handled:
                fake_world.queues.send(queue, [body])
