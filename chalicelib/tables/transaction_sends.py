"""Counts the sends of one transaction, and waits between them."""

import secrets

from chalicelib.world import World

MAX_TRIES = 10
FIRST_PAUSE_SECONDS = 0.02
MAX_PAUSE_SECONDS = 0.64


class Sends:
    """The sends of one `atomic` call, at most MAX_TRIES, with a random pause between them that grows."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._count = 0

    def pause(self) -> bool:
        """Wait before the next send. False when none is left."""
        max_pause = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**self._count)
        self._count += 1
        if self._count >= MAX_TRIES:
            return False
        self._world.pause(max_pause * (0.5 + secrets.randbelow(1000) / 2000))
        return True
