"""Counts the sends of one transaction, and waits between them."""

from chalicelib.tables.retry_pauses import random_pause_seconds
from chalicelib.world import World

MAX_TRIES = 10
MAX_PAUSE_SECONDS = 0.64


class Sends:
    """The sends of one `atomic` call, at most MAX_TRIES, with a random pause between them that grows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = 0

    def pause(self) -> bool:
        """Wait before the next send. False when none is left."""
        self._count += 1
        if self._count >= MAX_TRIES:
            return False
        self._world.pause(random_pause_seconds(self._count, MAX_PAUSE_SECONDS))
        return True
