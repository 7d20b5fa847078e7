"""A Lambda context and its clock, which a test moves."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from chalicelib.world.time_left import limited_to


@dataclass
class Stopwatch:
    """A Lambda context with these seconds left, and a clock that runs only while an item is handled."""

    seconds: float
    spent: float = 0.0

    def get_remaining_time_in_millis(self) -> float:
        return (self.seconds - self.spent) * 1000

    def spend(self, seconds: float) -> None:
        self.spent += seconds

    def limit(self) -> AbstractContextManager[None]:
        return limited_to(self, lambda: self.spent)
