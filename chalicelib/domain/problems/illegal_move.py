"""The check of a state transition, and its error."""

from collections.abc import Collection, Mapping
from typing import TypeVar

S = TypeVar("S")


class IllegalMove(Exception):
    """The code asked for a transition that the state machine forbids. It is a bug, not the caller's mistake."""


def must_be_allowed(moves: Mapping[S, Collection[S]], before: S, after: S) -> None:
    """Raises IllegalMove for a transition that `moves` does not list."""
    if after not in moves[before]:
        raise IllegalMove(f"{before} -> {after}")
