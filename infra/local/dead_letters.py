"""The dead-letter queues of the sandbox: what lies in them, and its way back."""

import json
from typing import Any

from infra.queues import dead_letter_name

BATCH = 10
MAX_LISTED = 100
LOOK_SECONDS = 0
"""A message that is only looked at stays visible."""
HOLD_SECONDS = 30


class DeadLetters:
    """Of each queue of `queues`. Raises LookupError for the name of another queue."""

    def __init__(self, sqs: Any, url_prefix: str, queues: list[str]) -> None:
        self._sqs = sqs
        self._url_prefix = url_prefix
        self._queues = queues

    def listing(self, queue: str) -> list[dict[str, Any]]:
        """At most 100 messages, with their bodies and how often they were received."""
        found: dict[str, dict[str, Any]] = {}
        for _ in range(MAX_LISTED // BATCH):
            batch = self._receive(queue, LOOK_SECONDS)
            new = {message["MessageId"]: _shown(message) for message in batch if message["MessageId"] not in found}
            if not new:
                break
            found |= new
        return list(found.values())

    def redrive(self, queue: str) -> int:
        """Send every message to its queue again, at most 100. Returns how many."""
        moved = 0
        while moved < MAX_LISTED and (batch := self._receive(queue, HOLD_SECONDS)):
            for message in batch:
                self._sqs.send_message(QueueUrl=self._url_prefix + queue, MessageBody=message["Body"])
                self._sqs.delete_message(QueueUrl=self._dead_url(queue), ReceiptHandle=message["ReceiptHandle"])
            moved += len(batch)
        return moved

    def _receive(self, queue: str, visibility_seconds: int) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._dead_url(queue),
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=visibility_seconds,
            MessageSystemAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def _dead_url(self, queue: str) -> str:
        if queue not in self._queues:
            raise LookupError(queue)
        return self._url_prefix + dead_letter_name(queue)


def _shown(message: dict[str, Any]) -> dict[str, Any]:
    """A message, with its body as JSON where it is JSON."""
    try:
        body = json.loads(message["Body"])
    except ValueError:
        body = message["Body"]
    received = int(message["Attributes"]["ApproximateReceiveCount"])
    return {"message_id": message["MessageId"], "body": body, "received_count": received}
