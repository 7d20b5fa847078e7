"""The pollers of all queues, and what lies in the queues."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import requests

from infra.local.aws.lambdas import Consumer
from infra.local.aws.moto_server import MESSAGES_PATH
from infra.local.aws.queue_counts import ABSENT, QueueCounts
from infra.local.aws.queue_poller import PollerCounts, QueuePoller
from infra.local.aws.visibility import ScaledVisibility
from infra.local.control.dead_letters import DeadLetters
from infra.local.snapshots.activity_gate import ActivityGate
from infra.queues import dead_letter_name

MESSAGES_SECONDS = 10
BUSY_CHECK_SECONDS = 0.05


class QueuePollers:
    """The pollers of all queues, each in a thread."""

    def __init__(
        self,
        sqs: Any,
        url_prefix: str,
        consumers: Sequence[Consumer],
        visibility: ScaledVisibility,
        activity: ActivityGate | None = None,
    ) -> None:
        self._sqs = sqs
        self._url_prefix = url_prefix
        self._queue_counts = QueueCounts(sqs.meta.endpoint_url)
        self._queues = [consumer.queue for consumer in consumers]
        self._pollers = [
            QueuePoller(sqs, url_prefix + consumer.queue, consumer, visibility, activity) for consumer in consumers
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
        response = requests.request(method, url, json=content, timeout=MESSAGES_SECONDS)
        response.raise_for_status()
        return response.json()

    def release(self) -> None:
        for queue_poller in self._pollers:
            queue_poller.release()

    def round(self) -> int:
        """One batch from each queue that has a visible message; returns how many messages came."""
        counts = self._queue_counts.read()
        return sum(poller.poll_once(0) for poller in self._pollers if counts.get(poller.queue, ABSENT)[0])

    def counts(self) -> PollerCounts:
        """The counts of all queues since the start."""
        all_totals = [poller.totals for poller in self._pollers]
        return PollerCounts(sum(totals.handled for totals in all_totals), sum(totals.failed for totals in all_totals))

    def waiting(self) -> int:
        """The number of messages in queues or with consumers."""
        return self.count(*self._queues)

    def count(self, *queues: str) -> int:
        """The number of messages in queues, visible or not. A queue that does not exist has none."""
        return self._queue_counts.count(*queues)

    def listing(self) -> list[dict[str, Any]]:
        """Each queue, with its messages that wait, are with a consumer, and are dead, and the age of the oldest."""
        counts = self._queue_counts.read()
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
