"""Measures how the heartbeats of many cabinets come from MNS into our queue: calls, connections and time."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.gateways.mns import MnsInbox
from chalicelib.gateways.sqs import BATCH
from chalicelib.services import outbox
from chalicelib.services.cabinets import polling
from infra.local.cabinets import frames
from infra.local.cabinets.mns_queue import MnsQueue
from infra.local.cabinets.mns_server import KEY_ID, KEY_SECRET, mns_app
from infra.local.serving import Serving
from infra.local.simulation import Simulation
from tests.engines.connection_count import ConnectionCount
from tests.world.fake_queues import FakeQueues
from tests.world.fake_world import FakeWorld

CABINETS = 10_000
HEARTBEAT_SECONDS = 540
"""A cabinet reports every nine minutes."""


@dataclass
class CountedQueues(FakeQueues):
    """Counts the calls that SQS would get: at most ten messages each."""

    calls: int = 0

    def send(self, queue: str, bodies: Sequence[Mapping[str, Any]]) -> None:
        super().send(queue, bodies)
        self.calls += math.ceil(len(bodies) / BATCH)


@dataclass(frozen=True)
class Moved:
    """All heartbeats of nine minutes, moved in one run."""

    messages: int
    mns_calls: int
    connections: int
    sqs_calls: int
    seconds: float
    cpu_seconds: float

    @property
    def messages_a_second(self) -> float:
        return self.messages / self.seconds


def measure(cabinets: int = CABINETS) -> Moved:
    """One heartbeat of each cabinet waits at MNS; one run moves them. SQS is counted and not called."""
    queue = MnsQueue()
    count = ConnectionCount(mns_app(Simulation(), queue))
    serving = Serving(count).start()
    queues = CountedQueues()
    fake_world = FakeWorld(queues=queues)
    for number in range(cabinets):
        envelope = frames.upload_envelope("pk", f"86{number:013d}", frames.heartbeat(), fake_world.clock.now())
        queue.enqueue(envelope)
    inbox = MnsInbox(serving.url, queue=queue.name, key_id=KEY_ID, key_secret=KEY_SECRET)
    wall, cpu = time.perf_counter(), time.process_time()
    messages = polling.poll(replace(fake_world.world(), inbox=inbox), lambda: 125.0 if any(queue.counts()) else 0.0)
    spent = time.perf_counter() - wall, time.process_time() - cpu
    serving.stop()
    assert len(queues.take(outbox.DEVICE_EVENTS)) == messages
    return Moved(messages, count.requests, count.connections, queues.calls, *spent)
