"""Handles the messages of a queue one by one, so that a failed message does not fail the others."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.operations.message_errors import Poison
from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.text.nested_json import parse_json
from chalicelib.world import Unavailable
from chalicelib.world.time_left import limited_to

RESERVE_SECONDS = 20
"""The time that must be left to begin a message: a call to a silent vendor costs up to 14 s, and DynamoDB the rest.
"""
RETRY_SECONDS = (2, 8, 30)
"""The seconds until SQS delivers a message again whose cause of failure may pass, by its number of deliveries. After
more deliveries the queue's own visibility time-out decides, as for every other failed message."""
COUNT = re.compile(r"[0-9]{1,9}", re.ASCII)
Handle = Callable[[Mapping[str, Any]], object]
RetryLater = Callable[[str, Mapping[str, int]], None]
"""Takes a queue, and by receipt the seconds after which SQS delivers the message again. Raises Unavailable."""


class Outcome(Enum):
    """The outcome of a message in this run."""

    DONE = auto()
    MAY_PASS = auto()
    """It failed for a cause that may pass: an external service or DynamoDB is unavailable."""
    FAILED = auto()
    NOT_BEGUN = auto()


@dataclass
class Message:
    """One record of an SQS event, and its outcome so far."""

    record: Mapping[str, Any]
    outcome: Outcome = Outcome.NOT_BEGUN

    @property
    def message_id(self) -> str:
        return str(self.record["messageId"])

    @property
    def retry_seconds(self) -> int | None:
        """The seconds until SQS delivers it again. None leaves the queue's visibility time-out."""
        if self.outcome not in (Outcome.MAY_PASS, Outcome.NOT_BEGUN):
            return None
        count = str((self.record.get("attributes") or {}).get("ApproximateReceiveCount"))
        deliveries = max(1, int(count)) if COUNT.fullmatch(count) else 1
        return RETRY_SECONDS[deliveries - 1] if deliveries <= len(RETRY_SECONDS) else None

    def handle(self, handle: Handle) -> None:
        """Handle it and set its outcome. No exception leaves: the other messages go on."""
        self.outcome = Outcome.FAILED
        try:
            handle(_read(self.record["body"]))
            self.outcome = Outcome.DONE
        except Poison as poison:
            log.alarm(Alarm.MESSAGE_POISON, message_id=self.message_id, reason=str(poison))
        except Exception as error:  # noqa: BLE001  any error: SQS delivers this message again
            if _may_pass(error):
                self.outcome = Outcome.MAY_PASS
            log.fact("message_failed", message_id=self.message_id, error=type(error).__name__)


def process_batch(
    event: Any, handle: Handle, retry_later: RetryLater, finish: Callable[[], None] | None = None
) -> dict[str, list[dict[str, str]]]:
    """Handle every record of an SQS event. The result names the failed records: SQS delivers them again, and after
    the last try moves them to the dead-letter queue. It also names the records that were not begun for lack of time:
    a function that reaches its time-out fails its whole batch.

    A message whose cause of failure may pass is handled once more in this run, after the others, while time is left.
    `finish` writes what the messages of the batch share. When that fails, SQS delivers every message again.
    """
    messages = [Message(record) for record in _records(event)]
    with limited_to(event.context):
        _handle_all(messages, handle, lambda: _has_time(event.context))
        if finish is not None:
            _finish(messages, finish)
    failed = [message for message in messages if message.outcome is not Outcome.DONE]
    _schedule(failed, retry_later)
    return {"batchItemFailures": [{"itemIdentifier": message.message_id} for message in failed]}


def _handle_all(messages: Sequence[Message], handle: Handle, has_time: Callable[[], bool]) -> None:
    """Handle each message while there is time, the first one always."""
    for number, message in enumerate(messages):
        if number and not has_time():
            log.fact("message_handed_back", message_id=message.message_id)
        else:
            message.handle(handle)
    for message in messages:
        if message.outcome is Outcome.MAY_PASS and has_time():
            message.handle(handle)


def _finish(messages: Sequence[Message], finish: Callable[[], None]) -> None:
    try:
        finish()
    except Problem as problem:
        log.fact("batch_not_finished", code=problem.code)
        for message in messages:
            if message.outcome is Outcome.DONE:
                message.outcome = Outcome.MAY_PASS


def _records(event: Any) -> list[dict[str, Any]]:
    """The messages of the event. An event of another kind, such as a warm-up ping, has none."""
    content = event.to_dict()
    records = content.get("Records") if isinstance(content, dict) else None
    return [
        record for record in records or () if isinstance(record, dict) and isinstance(record.get("messageId"), str)
    ]


def _schedule(failed: Sequence[Message], retry_later: RetryLater) -> None:
    """Have SQS deliver messages again soon. Without that it delivers them after the visibility time-out."""
    seconds = {
        str(message.record["receiptHandle"]): message.retry_seconds
        for message in failed
        if message.retry_seconds is not None and "receiptHandle" in message.record
    }
    if not seconds:
        return
    queue = str(failed[0].record.get("eventSourceARN")).rpartition(":")[2]
    try:
        retry_later(queue, seconds)
    except Unavailable:
        log.fact("retry_not_scheduled", queue=queue)


def _may_pass(error: Exception) -> bool:
    return isinstance(error, Unavailable) or (isinstance(error, Problem) and error.retry_after_seconds is not None)


def _has_time(context: Any) -> bool:
    """Whether this run may begin a message. A run without a context has no end."""
    left = float(context.get_remaining_time_in_millis()) / 1000 if context is not None else math.inf
    return left >= RESERVE_SECONDS


def _read(body: str) -> Mapping[str, Any]:
    try:
        message = parse_json(body)
    except ValueError as error:
        raise Poison("not JSON") from error
    if not isinstance(message, dict):
        raise Poison("not an object")
    return message
