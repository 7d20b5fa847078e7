"""What the functions logged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class LogLine:
    """A line of a log. `source` names the function that wrote it; `fields` is empty for a line that is no fact."""

    line_id: str
    at: datetime
    source: str
    text: str
    fields: Mapping[str, object]


@dataclass(frozen=True)
class FoundLines:
    """Lines in the order of their times. `complete` is False when the search ended before the end of the time."""

    lines: Sequence[LogLine]
    complete: bool


class Logs(Protocol):
    """The logs of all functions."""

    def find(self, fields: Mapping[str, str | None], *, since: datetime, until: datetime) -> FoundLines:
        """Lines whose fields have these values. None stands for a field that is missing.

        It reads a bounded number of pages. Raises Unavailable.
        """
        ...
