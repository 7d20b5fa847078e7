"""Passes each queue's messages to its consumer, as Lambda's event source mapping does."""

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import requests
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.dead_letters import DeadLetters
from infra.local.invocation import run_limited, timeout_seconds
from infra.local.lambdas import Consumer, Context, failures, queue_event
from infra.local.moto_server import MESSAGES_PATH, QUEUE_COUNTS_PATH
from infra.local.traffic import Stopped, Traffic
from infra.local.visibility import ScaledVisibility
from infra.queues import dead_letter_name

QueueCounts = tuple[int, int, float | None]
WAIT_SECONDS = 5
COUNT_SECONDS = 10
ABSENT: QueueCounts = (0, 0, None)
PAUSE_SECONDS = 0.5
BUSY_CHECK_SECONDS = 0.05


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
        self, sqs: Any, url: str, consumer: Consumer, visibility: ScaledVisibility, traffic: Traffic | None = None
    ) -> None:
        self._traffic = traffic or Traffic()
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

    def once(self, wait_seconds: int) -> int:
        """Receive and handle one batch. Returns the number of messages."""
        epoch = self._traffic.epoch
        messages = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=self._consumer.batch_size,
            WaitTimeSeconds=wait_seconds,
            MessageSystemAttributeNames=["All"],
        ).get("Messages", [])
        if not messages:
            return 0
        with self._traffic.work(self._consumer.name):
            if self._traffic.epoch != epoch:
                return 0  # of a world that a restored one replaced
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
        for receipt in resting.values():
            # it became visible by itself meanwhile, or moved to the dead-letter queue
            with suppress(ClientError):
                self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0)

    def run(self, stopped: threading.Event) -> None:
        """Poll until stopped. An unavailable engine is polled again."""
        while not stopped.is_set():
            try:
                self.once(WAIT_SECONDS)
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


class QueuePollers:
    """The pollers of all queues, each in a thread."""

    def __init__(
        self,
        sqs: Any,
        url_prefix: str,
        consumers: Sequence[Consumer],
        visibility: ScaledVisibility,
        traffic: Traffic | None = None,
    ) -> None:
        self._sqs = sqs
        self._url_prefix = url_prefix
        self._queues = [consumer.queue for consumer in consumers]
        self._pollers = [
            QueuePoller(sqs, url_prefix + consumer.queue, consumer, visibility, traffic) for consumer in consumers
        ]
        self.dead_letters = DeadLetters(sqs, url_prefix, self._queues)
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=queue_poller.run, args=(self._stopped,), daemon=True)
            for queue_poller in self._pollers
        ]

    def start(self) -> "QueuePollers":
        for thread in self._threads:
            thread.start()
        return self

    def stop(self, read_timeout_seconds: float = 1.5) -> None:
        """Lets handlers finish that have begun; a poller that waits for a message ends by itself."""
        self._stopped.set()
        until = time.monotonic() + read_timeout_seconds
        while any(poller.busy for poller in self._pollers) and time.monotonic() < until:
            time.sleep(BUSY_CHECK_SECONDS)

    def state(self) -> dict[str, Any]:
        """All messages. One that a consumer has just received comes again at once; a failed one waits on."""
        resting = {poller.queue: poller.state() for poller in self._pollers}
        queues = self._engine("GET")
        for name, messages in queues.items():
            for message in messages:
                if message["id"] not in resting.get(name, {}):
                    message["invisible"] = 0.0
        return {"queues": queues, "resting": resting}

    def prepare(self, state: Any) -> Callable[[], None]:
        queues, resting = dict(state["queues"]), dict(state["resting"])
        if unknown := sorted(resting.keys() - set(self._queues)):
            raise ValueError(f"there is no queue {', '.join(unknown)}")

        def apply() -> None:
            self._engine("PUT", queues)
            for poller in self._pollers:
                poller.rest(dict(resting.get(poller.queue, {})))

        return apply

    def _engine(self, method: str, content: Any = None) -> Any:
        """Read or replace all messages of the engine."""
        url = self._sqs.meta.endpoint_url + MESSAGES_PATH
        response = requests.request(method, url, json=content, timeout=COUNT_SECONDS)
        response.raise_for_status()
        return response.json()

    def release(self) -> None:
        for queue_poller in self._pollers:
            queue_poller.release()

    def round(self) -> int:
        """One batch from each queue that has a visible message; returns how many messages came."""
        counts = self._queue_counts()
        return sum(poller.once(0) for poller in self._pollers if counts.get(poller.queue, ABSENT)[0])

    def counts(self) -> PollerCounts:
        """The counts of all queues since the start."""
        all_totals = [poller.totals for poller in self._pollers]
        return PollerCounts(sum(totals.handled for totals in all_totals), sum(totals.failed for totals in all_totals))

    def waiting(self) -> int:
        """The number of messages in queues or with consumers."""
        return self.count(*self._queues)

    def count(self, *queues: str) -> int:
        """The number of messages in queues, visible or not. A queue that does not exist has none."""
        counts = self._queue_counts()
        return sum(sum(counts.get(queue, ABSENT)[:2]) for queue in queues)

    def listing(self) -> list[dict[str, Any]]:
        """Each queue, with its messages that wait, are with a consumer, and are dead, and the age of the oldest."""
        counts = self._queue_counts()
        return [
            {
                "name": queue,
                "waiting": waiting,
                "in_flight": in_flight,
                "dead": sum(counts.get(dead_letter_name(queue), ABSENT)[:2]),
                "oldest_seconds": oldest,
            }
            for queue in self._queues
            for waiting, in_flight, oldest in [counts.get(queue, ABSENT)]
        ]

    def purge(self, *queues: str) -> None:
        """Delete every message of the queues."""
        for queue in queues:
            self._sqs.purge_queue(QueueUrl=self._url_prefix + queue)

    def _queue_counts(self) -> dict[str, QueueCounts]:
        """Visible and invisible messages of every queue and the age of the oldest, in one query of the engine."""
        response = requests.get(self._sqs.meta.endpoint_url + QUEUE_COUNTS_PATH, timeout=COUNT_SECONDS)
        response.raise_for_status()
        return {name: (visible, hidden, oldest) for name, (visible, hidden, oldest) in response.json().items()}
