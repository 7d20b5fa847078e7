"""Fakes of our own queues and of their dead-letter queues."""

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.operations.dead_letter import DeadLetter
from chalicelib.world import Unavailable
from infra.local.aws.iam import queue_arn
from tests.engines.function_rights import ACCESS

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class FakeQueues:
    """Stores sent messages by queue. `unavailable` makes every send fail."""

    sent: dict[str, deque[dict[str, Any]]] = field(default_factory=dict)
    retries: dict[str, int] = field(default_factory=dict)
    """The seconds after which a message comes again, by its receipt."""
    unavailable: bool = False

    def send(self, queue: str, bodies: Sequence[Mapping[str, Any]]) -> None:
        ACCESS.require("sqs:SendMessage", queue_arn(queue))
        if self.unavailable:
            raise Unavailable(queue)
        self.sent.setdefault(queue, deque()).extend(dict(body) for body in bodies)

    def waiting(self, queue: str) -> int:
        ACCESS.require("sqs:GetQueueAttributes", queue_arn(queue))
        if self.unavailable:
            raise Unavailable(queue)
        return len(self.sent.get(queue, ()))

    def retry_later(self, queue: str, seconds_by_receipt: Mapping[str, int]) -> None:
        ACCESS.require("sqs:ChangeMessageVisibility", queue_arn(queue))
        if self.unavailable:
            raise Unavailable(queue)
        self.retries.update(seconds_by_receipt)

    def take(self, queue: str) -> list[dict[str, Any]]:
        """Take all messages of a queue."""
        waiting = self.sent.pop(queue, deque())
        return list(waiting)


@dataclass
class FakeDeadLetters:
    """The dead-letter queues among the queues that `queues` returns."""

    queues: Callable[[], FakeQueues]

    def peek(self, dead_letter_queue: str) -> Sequence[DeadLetter]:
        ACCESS.require("sqs:ReceiveMessage", queue_arn(dead_letter_queue))
        waiting = [*self.queues().sent.get(dead_letter_queue, ())][:10]
        return [DeadLetter(str(number), json.dumps(body), EPOCH, 8) for number, body in enumerate(waiting)]

    def redrive(self, dead_letter_queue: str, queue: str, limit: int) -> int:
        for action in ("ReceiveMessage", "DeleteMessage"):
            ACCESS.require(f"sqs:{action}", queue_arn(dead_letter_queue))
        waiting = self.queues().sent.get(dead_letter_queue, deque())
        moved = [waiting.popleft() for _ in range(min(limit, len(waiting)))]
        self.queues().send(queue, moved)
        return len(moved)
