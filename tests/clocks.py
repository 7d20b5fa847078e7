"""The functions behind the clock and the queues, called as EventBridge and SQS call them: what fails comes again."""

import json
from contextlib import suppress
from typing import Any

from app import app
from chalicelib.world import World
from infra.local.lambdas import Context, clock_event, consumers, queue_event, schedules
from tests.fake_world import Scene

RUN_SECONDS = 60.0


def tick(world: World, name: str, context: Any = None) -> Any:
    """One run of a schedule. An error ends the run and no more: the next minute comes all the same."""
    (schedule,) = [one for one in schedules(app) if one.name == name]
    with suppress(Exception):
        return schedule.handler(clock_event(schedule, world.now()), context or Context(name, RUN_SECONDS))


def consume(scene: Scene, queue: str) -> None:
    """A queue's messages to its function, one a batch; what fails, or dies on the way, is in the queue again."""
    (consumer,) = [one for one in consumers(app) if one.queue == queue]
    for body in scene.queues.take(queue):
        told = {"MessageId": "m", "ReceiptHandle": "r", "Body": json.dumps(body), "MD5OfBody": ""}
        done = False
        try:
            done = not consumer.handler(queue_event(queue, [told]), None)["batchItemFailures"]
        finally:
            if not done:
                scene.queues.send(queue, [body])
