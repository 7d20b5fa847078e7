"""SQS: our own queues."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.gateways.aws_answers import usable_answer
from chalicelib.world import Unavailable

BATCH = 10


class SqsQueues:
    """Sends to the queue at `url_prefix` plus its name."""

    def __init__(self, client: Any, url_prefix: str) -> None:
        self._client = client
        self._url_prefix = url_prefix

    def send(self, queue: str, bodies: Sequence[Mapping[str, Any]]) -> None:
        """Raises Unavailable unless SQS took every message."""
        for start in range(0, len(bodies), BATCH):
            entries = [
                {"Id": str(number), "MessageBody": json.dumps(body, separators=(",", ":"))}
                for number, body in enumerate(bodies[start : start + BATCH])
            ]
            with usable_answer(queue):
                answer = self._client.send_message_batch(QueueUrl=self._url_prefix + queue, Entries=entries)
                taken = {item["Id"] for item in answer["Successful"]}
            if taken != {entry["Id"] for entry in entries}:
                raise Unavailable(queue)

    def waiting(self, queue: str) -> int:
        """Messages that wait, and those that a consumer has. SQS counts them within about a minute."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        with usable_answer(queue):
            answer = self._client.get_queue_attributes(QueueUrl=self._url_prefix + queue, AttributeNames=names)
            return sum(int(answer["Attributes"][name]) for name in names)

    def retry_later(self, queue: str, seconds_by_receipt: Mapping[str, int]) -> None:
        """Raises Unavailable unless SQS took every time."""
        entries = [
            {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
            for number, (receipt, seconds) in enumerate(seconds_by_receipt.items())
        ]
        with usable_answer(queue):
            answer = self._client.change_message_visibility_batch(QueueUrl=self._url_prefix + queue, Entries=entries)
            is_refused = bool(answer.get("Failed"))
        if is_refused:
            raise Unavailable(queue)
