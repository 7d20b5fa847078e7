"""A request with an Idempotency-Key, and the answer stored for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IdempotencyKey:
    """A request with an Idempotency-Key: `fingerprint` digests what was asked. `stored_whole`: its answer is kept
    whole."""

    route: str
    key: str
    fingerprint: str
    stored_whole: bool = True


@dataclass(frozen=True)
class StoredResponse:
    """What was answered the first time, to be said again."""

    status: int
    body: str
