"""Waits that double from one attempt to the next."""

from datetime import timedelta

MAX_DOUBLINGS = 10


def doubled(first: timedelta, doublings: int, *, longest: timedelta) -> timedelta:
    """`first`, doubled `doublings` times (not negative), at most `longest` and at most 1024 times `first`."""
    factor: int = 1 << min(doublings, MAX_DOUBLINGS)
    return min(first * factor, longest)
