"""Exceptions that end the handling of a queue message early."""


class AlreadyProcessed(Exception):
    """The effect of the message was written before. Receiving a message twice is no error."""


class Poison(Exception):
    """A message that can never be handled. It goes to the dead-letter queue."""
