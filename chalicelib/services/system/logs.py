"""Finds lines of the logs, the newest first, in a bounded number of calls."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.problems.problems import Problem
from chalicelib.domain.problems.validation_messages import validation_message
from chalicelib.world import Unavailable, World
from chalicelib.world.monitoring import LogLine

MAX_LINES = 500
"""How many lines a search returns at most."""
DEFAULT_SPAN = timedelta(hours=1)
MAX_SPAN = timedelta(days=7)
FIRST_WINDOW = timedelta(minutes=5)
WINDOW_FACTOR = 6
"""CloudWatch returns the oldest lines first. So a search looks back in windows, each this many times as long as the
one before: 5 minutes, 30 minutes, 3 hours, 18 hours, 4.5 days and the rest."""


class LogLevel(StrEnum):
    """An alarm is a fact that a person must act on. An error is a line that is no fact, as Lambda writes it."""

    INFO = "info"
    ALARM = "alarm"
    ERROR = "error"


@dataclass(frozen=True)
class LogSearch:
    """What is searched for. A field that is None matches every line."""

    level: LogLevel | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def fields(self) -> Mapping[str, str | None]:
        level: dict[LogLevel | None, dict[str, str | None]] = {
            LogLevel.ALARM: {"level": "ALARM"},
            LogLevel.INFO: {"level": None},
        }
        return level.get(self.level, {}) | ({"request_id": self.request_id} if self.request_id else {})


@dataclass(frozen=True)
class LogResult:
    """The newest lines. `complete` is False when the time has more lines than were read."""

    lines: tuple[LogLine, ...]
    complete: bool


def level_of(line: LogLine) -> LogLevel:
    if not line.fields:
        return LogLevel.ERROR
    return LogLevel.ALARM if line.fields.get("level") == "ALARM" else LogLevel.INFO


def search(world: World, query: LogSearch) -> LogResult:
    """The newest lines that match, at most MAX_LINES. Raises Problem("invalid_input") or Problem("busy")."""
    until = query.until or world.now()
    since = query.since or until - DEFAULT_SPAN
    if not timedelta() <= until - since <= MAX_SPAN:
        message = validation_message("end_date_out_of_range", days=MAX_SPAN.days)
        raise Problem("invalid_input", errors={"end_time": [message]})
    lines: list[LogLine] = []
    complete, window = True, FIRST_WINDOW
    while until >= since and len(lines) < MAX_LINES:
        start = max(since, until - window)
        try:
            found = world.logs.find(query.fields, since=start, until=until)
        except Unavailable as unavailable:
            raise Problem("busy", retry_after_seconds=unavailable.retry_after_seconds) from unavailable
        matching = [line for line in found.lines if query.level in (None, level_of(line))]
        lines += reversed(matching)
        complete = complete and found.complete
        until, window = start - timedelta(milliseconds=1), window * WINDOW_FACTOR
    return LogResult(tuple(lines[:MAX_LINES]), complete and until < since and len(lines) <= MAX_LINES)
