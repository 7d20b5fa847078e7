"""Passes one queue's messages to its consumer, as Lambda's event source mapping does."""

import threading
import traceback
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.aws.invocation import run_limited, timeout_seconds
from infra.local.aws.lambdas import Consumer, Context, failures, queue_event
from infra.local.aws.visibility import ScaledVisibility
from infra.local.snapshots.activity_gate import ActivityGate, Stopped

WAIT_SECONDS = 5
PAUSE_SECONDS = 0.5


@dataclass
class PollerCounts:
    """How many messages were handled, and how many attempts failed."""

    handled: int = 0
    failed: int = 0


class QueuePoller:
    """One queue and its consumer.

    A failed message waits as long as its function said, else for the queue's visibility time-out. Both are at the
    sandbox's pace. `release` ends the wait.
    """

    def __init__(
        self,
        sqs: Any,
        url: str,
        consumer: Consumer,
        visibility: ScaledVisibility,
        activity: ActivityGate | None = None,
    ) -> None:
        self._activity = activity or ActivityGate()
        self.queue = consumer.queue
        self.busy = False
        """Whether messages are being handled."""
        self._sqs = sqs
        self._url = url
        self._consumer = consumer
        self._visibility = visibility
        self._seconds = timeout_seconds(consumer.name)
        self._resting: dict[str, str] = {}
        self._lock = threading.Lock()
        self.totals = PollerCounts()

    def poll_once(self, wait_seconds: int) -> int:
        """Receive and handle one batch. Returns the number of messages."""
        epoch = self._activity.epoch
        messages = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=self._consumer.batch_size,
            WaitTimeSeconds=wait_seconds,
            MessageSystemAttributeNames=["All"],
        ).get("Messages", [])
        if not messages:
            return 0
        with self._activity.background_work(self._consumer.name):
            if self._activity.epoch != epoch:
                # received before a restore, or one of the restored messages
                self._make_visible(message["ReceiptHandle"] for message in messages)
                return 0
            self.busy = True
            try:
                self._settle(messages, self._invoke(messages))
            finally:
                self.busy = False
        return len(messages)

    def state(self) -> dict[str, str]:
        """The receipts of the messages that wait for their next attempt, by the messages' ids."""
        with self._lock:
            return dict(self._resting)

    def rest(self, resting: dict[str, str]) -> None:
        """These messages wait, and no others."""
        with self._lock:
            self._resting = resting

    def release(self) -> None:
        """Make failed messages visible at once."""
        with self._lock:
            resting, self._resting = self._resting, {}
        self._make_visible(resting.values())

    def _make_visible(self, receipts: Iterable[str]) -> None:
        for receipt in receipts:
            # it became visible by itself meanwhile, moved to the dead-letter queue, or was received before a restore
            with suppress(ClientError):
                self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0)

    def run(self, stopped: threading.Event) -> None:
        """Poll until stopped. An unavailable engine is polled again."""
        while not stopped.is_set():
            try:
                self.poll_once(WAIT_SECONDS)
            except (BotoCoreError, ClientError):
                stopped.wait(PAUSE_SECONDS)
            except Stopped:
                return

    def _invoke(self, messages: Sequence[dict[str, Any]]) -> set[str]:
        ids = [message["MessageId"] for message in messages]
        try:
            event = queue_event(self._consumer.queue, messages)
            context = Context(self._consumer.name, self._seconds)
            answer = run_limited(self._consumer.name, self._seconds, lambda: self._consumer.handler(event, context))
        except Exception:  # noqa: BLE001  Lambda survives a function that fails, and brings the batch again
            traceback.print_exc()
            return set(ids)
        return failures(answer, ids)

    def _settle(self, messages: Sequence[dict[str, Any]], failed: set[str]) -> None:
        handled = [message for message in messages if message["MessageId"] not in failed]
        if handled:
            entries = [
                {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
                for number, message in enumerate(handled)
            ]
            self._sqs.delete_message_batch(QueueUrl=self._url, Entries=entries)
        for message in messages:
            if self._visibility.take(message["ReceiptHandle"]) is None and message["MessageId"] in failed:
                self._sqs.change_message_visibility(
                    QueueUrl=self._url,
                    ReceiptHandle=message["ReceiptHandle"],
                    VisibilityTimeout=self._visibility.seconds_of_queue(),
                )
        with self._lock:
            for message in messages:
                self._resting.pop(message["MessageId"], None)
                if message["MessageId"] in failed:
                    self._resting[message["MessageId"]] = message["ReceiptHandle"]
            self.totals.handled += len(handled)
            self.totals.failed += len(failed)
