"""The error of an illegal state transition."""


class IllegalMove(Exception):
    """The code asked for a transition that the state machine forbids. It is a bug, not the caller's mistake."""
