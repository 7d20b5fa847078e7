"""Doing a thing once though it is asked for twice: keyed requests, and messages that come again."""

from dataclasses import dataclass


class Handled(Exception):
    """The effect is there already: hearing the same news again is not an error."""


class Poison(Exception):
    """A message nobody can ever read: it belongs in the dead-letter queue, not round in a loop."""


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
