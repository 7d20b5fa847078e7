"""The dead-letter queues of the sandbox: what lies in them, and its way back."""

import json
from typing import Any

from chalicelib.domain.rentals.rental import rental_code
from chalicelib.gateways.sqs_dead_letters import SqsDeadLetters
from infra.queues import dead_letter_name

BATCH = 10
MAX_LISTED = 100
LISTED_SECONDS = 0
"""A message that is only listed stays visible."""


class DeadLetters:
    """Of each queue of `queues`. Raises LookupError for the name of another queue."""

    def __init__(self, sqs: Any, url_prefix: str, queues: list[str]) -> None:
        self._sqs = sqs
        self._service = SqsDeadLetters(sqs, url_prefix)
        self._url_prefix = url_prefix
        self._queues = queues

    def listing(self, queue: str) -> list[dict[str, Any]]:
        """At most 100 messages, with their bodies and how often they were received."""
        found: dict[str, dict[str, Any]] = {}
        for _ in range(MAX_LISTED // BATCH):
            batch = self._receive(queue)
            new = {message["MessageId"]: _shown(message) for message in batch if message["MessageId"] not in found}
            if not new:
                break
            found |= new
        return list(found.values())

    def redrive(self, queue: str) -> int:
        """Send every message to its queue again, at most 100. Returns how many."""
        return self._service.redrive(self._dead_name(queue), queue, MAX_LISTED)

    def _receive(self, queue: str) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url_prefix + self._dead_name(queue),
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=LISTED_SECONDS,
            MessageSystemAttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def _dead_name(self, queue: str) -> str:
        if queue not in self._queues:
            raise LookupError(queue)
        return dead_letter_name(queue)


def _shown(message: dict[str, Any]) -> dict[str, Any]:
    """A message, with its body as JSON where it is JSON, and the code of the rental that it names."""
    try:
        body = json.loads(message["Body"])
    except ValueError:
        body = message["Body"]
    received = int(message["Attributes"]["ApproximateReceiveCount"])
    rental_id = body.get("rental_id") if isinstance(body, dict) else None
    return {
        "message_id": message["MessageId"],
        "rental": rental_code(str(rental_id)) if rental_id else None,
        "body": body,
        "received_count": received,
    }
