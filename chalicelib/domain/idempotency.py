"""A request with an Idempotency-Key, and the answer stored for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OnceAsked:
    """A request with an Idempotency-Key: `fingerprint` digests what was asked. `whole`: its answer is kept whole."""

    route: str
    key: str
    fingerprint: str
    whole: bool = True


@dataclass(frozen=True)
class Answered:
    """What was answered the first time, to be said again."""

    status: int
    body: str
