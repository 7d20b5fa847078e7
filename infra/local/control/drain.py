"""Drains the sandbox: returns of pay pages, cabinets, the MNS queue, SQS queues and the outbox."""

import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from chalicelib.services import outbox as outbox_messages
from chalicelib.tables import outbox
from chalicelib.world import World
from infra.local.aws.queue_pollers import QueuePollers
from infra.local.cabinets.hardware import Hardware
from infra.local.simulation import Simulation
from infra.queues import CONSUMED, dead_letter_name

MAX_SECONDS = 60.0
CHECK_SECONDS = 0.05
QUIET_CHECKS = 2
FAR_AHEAD = timedelta(days=365)
OUTBOX_LIMIT = 500
DEAD_LETTER_QUEUES = tuple(dead_letter_name(queue) for queue in CONSUMED)


@dataclass(frozen=True)
class Drained:
    """Messages handled and failures during the drain, and how many lie in dead-letter queues after it."""

    handled: int
    failed: int
    dead: int


class Drain:
    """Drains everything. `poll_mns` runs all the time in its own thread, so the drain only waits for it."""

    def __init__(self, world: World, hardware: Hardware, queue_pollers: QueuePollers, simulation: Simulation) -> None:
        self._world = world
        self._hardware = hardware
        self._pollers = queue_pollers
        self._simulation = simulation

    def __call__(self) -> dict[str, Any]:
        """Raises TimeoutError when messages still move after a minute, or when something ends the drain."""
        before, until = self._pollers.counts(), time.monotonic() + MAX_SECONDS
        self._quiet(until)
        # unsent messages and failed effects would be due in a minute; the drain sends them now
        messages = outbox.waiting(self._world.now() + FAR_AHEAD, OUTBOX_LIMIT)
        if messages:
            for message in messages:
                outbox_messages.send(self._world, message)
            self._quiet(until)
        after = self._pollers.counts()
        dead_letters_count = self._pollers.count(*DEAD_LETTER_QUEUES)
        return asdict(Drained(after.handled - before.handled, after.failed - before.failed, dead_letters_count))

    def purge_dead_letters(self) -> None:
        """Delete the messages that no consumer could handle."""
        if self._pollers.count(*DEAD_LETTER_QUEUES):
            self._pollers.purge(*DEAD_LETTER_QUEUES)

    def _quiet(self, until: float) -> None:
        looks = 0
        while looks < QUIET_CHECKS:
            if time.monotonic() > until:
                raise TimeoutError("something still moves")
            if self._simulation.activity.ends_long_requests:
                raise TimeoutError("something still moves, and a reset, a restore or a stop ended it")
            looks = 0 if self._moved() else looks + 1

    def _moved(self) -> bool:
        self._pollers.release()
        if self._pollers.round():
            return True
        hardware, late_returns = self._hardware, self._simulation.late_returns
        if self._pollers.waiting() or hardware.cabinets.busy() or any(hardware.mns.counts()) or late_returns.busy():
            # another thread handles it, and there is no event to wait for
            time.sleep(CHECK_SECONDS)
            return True
        return False
