"""What an alarm means, how urgent it is and what an operator does."""

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How soon a person must act."""

    URGENT = "urgent"
    """At once: customers can't sign in, pay or rent, or an attack is possible."""
    SAME_DAY = "same_day"
    """Within the working day: one customer, one station or one sum of money waits for a person."""


class AlarmKind(NamedTuple):
    """What an alarm always means, and the first steps of the person who receives it."""

    severity: Severity
    meaning: str
    action: str
