"""How handling a queue message ends early: its effect is there already, or nobody can read it."""


class AlreadyProcessed(Exception):
    """The effect is there already: hearing the same news again is not an error."""


class Poison(Exception):
    """A message nobody can ever read: it belongs in the dead-letter queue, not round in a loop."""
