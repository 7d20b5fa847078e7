"""Encrypts single fields of a user, and raises an alarm when KMS does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib import log
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.world import Unavailable, World


def encrypt(world: World, plain: str, user_id: str) -> str:
    """The encrypted field of that user. Raises Unavailable."""
    with _alarm():
        return world.vault.seal(plain, about=user_id)


def decrypt(world: World, encrypted: str, user_id: str) -> str:
    """The field of that user. Raises Unavailable."""
    with _alarm():
        return world.vault.open(encrypted, about=user_id)


@contextmanager
def _alarm() -> Iterator[None]:
    try:
        yield
    except Unavailable as unavailable:
        log.alarm(Alarm.KEYS_UNAVAILABLE, about=unavailable.what)
        raise
