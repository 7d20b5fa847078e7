"""The error of an illegal state transition."""


class IllegalMove(Exception):
    """A state was asked to move where it can't: our bug, never the caller's."""
