"""Waits until nothing moves any more: kiosks, the maker's queue, our queues, the outbox."""

import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from chalicelib.services import outbox as outbox_messages
from chalicelib.tables import outbox
from chalicelib.world import World
from infra.local.hardware import Hardware
from infra.local.queue_pollers import QueuePollers
from infra.queues import CONSUMED, dead

MAX_SECONDS = 60.0
CHECK_SECONDS = 0.05
QUIET_CHECKS = 2
FAR_AHEAD = timedelta(days=365)
OUTBOX_LIMIT = 500


@dataclass(frozen=True)
class Drained:
    """Messages handled and failures during the drain, and how many lie in dead-letter queues after it."""

    handled: int
    failed: int
    dead: int


class Drain:
    """Moves what can be moved. `poll_mns` runs by itself all the time: here its work is only waited for."""

    def __init__(self, world: World, hardware: Hardware, queue_pollers: QueuePollers) -> None:
        self._world = world
        self._hardware = hardware
        self._pumps = queue_pollers

    def __call__(self) -> dict[str, Any]:
        """Raises TimeoutError when things still move after a minute."""
        before, until = self._pumps.counts(), time.monotonic() + MAX_SECONDS
        self._quiet(until)
        # what was never sent, or whose effect failed, is due in a minute of the clock: here it is due now
        left = outbox.waiting(self._world.now() + FAR_AHEAD, OUTBOX_LIMIT)
        if left:
            outbox_messages.publish(self._world, left)
            self._quiet(until)
        after = self._pumps.counts()
        lost = sum(self._pumps.count(dead(queue)) for queue in CONSUMED)
        return asdict(Drained(after.handled - before.handled, after.failed - before.failed, lost))

    def _quiet(self, until: float) -> None:
        looks = 0
        while looks < QUIET_CHECKS:
            if time.monotonic() > until:
                raise TimeoutError("something still moves")
            looks = 0 if self._moved() else looks + 1

    def _moved(self) -> bool:
        self._pumps.release()
        if self._pumps.round():
            return True
        if self._pumps.waiting() or self._hardware.cabinets.busy() or any(self._hardware.mns.counts()):
            # somebody else is at work on it; there is nothing to be told by
            time.sleep(CHECK_SECONDS)
            return True
        return False
