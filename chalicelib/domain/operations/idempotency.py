"""An idempotency key, and the response stored for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IdempotencyKey:
    """The key of a request. `fingerprint` is a digest of the request.

    `stored_whole` says that the whole response is stored, not only a part of it.
    """

    route: str
    key: str
    fingerprint: str
    stored_whole: bool = True


@dataclass(frozen=True)
class StoredResponse:
    """The response to the first request, for replays."""

    status: int
    body: str
