"""SQS: the dead-letter queues of our own queues."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.operations.dead_letter import DeadLetter
from chalicelib.gateways.aws_answers import usable_answer
from chalicelib.world import Unavailable

BATCH = 10
HELD_SECONDS = 30
"""How long a message that is being moved is hidden from another operator's call."""


@dataclass(frozen=True)
class Received:
    """A dead letter, and the receipt by which SQS deletes it."""

    letter: DeadLetter
    receipt: str


class SqsDeadLetters:
    """A queue is at `url_prefix` plus its name."""

    def __init__(self, client: Any, url_prefix: str) -> None:
        self._client = client
        self._url_prefix = url_prefix

    def peek(self, dead_letter_queue: str) -> Sequence[DeadLetter]:
        return [received.letter for received in self._receive(dead_letter_queue, BATCH, hidden_seconds=0)]

    def redrive(self, dead_letter_queue: str, queue: str, limit: int) -> int:
        moved = 0
        while moved < limit:
            try:
                messages = self._receive(dead_letter_queue, min(BATCH, limit - moved), hidden_seconds=HELD_SECONDS)
                batch_moved = self._move(dead_letter_queue, queue, messages) if messages else 0
            except Unavailable:
                if moved:
                    return moved
                raise
            moved += batch_moved
            if batch_moved == 0:
                break
        return moved

    def _receive(self, dead_letter_queue: str, limit: int, *, hidden_seconds: int) -> list[Received]:
        with usable_answer(dead_letter_queue):
            answer = self._client.receive_message(
                QueueUrl=self._url_prefix + dead_letter_queue,
                MaxNumberOfMessages=limit,
                VisibilityTimeout=hidden_seconds,
                WaitTimeSeconds=0,
                AttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            )
            return [_read(message) for message in answer.get("Messages", [])]

    def _move(self, dead_letter_queue: str, queue: str, messages: Sequence[Received]) -> int:
        """Send the messages, then delete those that SQS took. Returns their number."""
        by_id = {str(number): message for number, message in enumerate(messages)}
        entries = [{"Id": number, "MessageBody": message.letter.body} for number, message in by_id.items()]
        with usable_answer(queue):
            sent = self._client.send_message_batch(QueueUrl=self._url_prefix + queue, Entries=entries)
            taken = {item["Id"] for item in sent.get("Successful", [])}
        receipts = [
            {"Id": number, "ReceiptHandle": message.receipt} for number, message in by_id.items() if number in taken
        ]
        if receipts:
            with usable_answer(dead_letter_queue):
                self._client.delete_message_batch(QueueUrl=self._url_prefix + dead_letter_queue, Entries=receipts)
        return len(receipts)


def _read(message: Mapping[str, Any]) -> Received:
    """The fields of a message. Raises what `usable_answer` catches for a message without them."""
    attributes = message["Attributes"]
    sent_at = datetime.fromtimestamp(int(attributes["SentTimestamp"]) / 1000, UTC)
    letter = DeadLetter(message["MessageId"], message["Body"], sent_at, int(attributes["ApproximateReceiveCount"]))
    return Received(letter, message["ReceiptHandle"])
