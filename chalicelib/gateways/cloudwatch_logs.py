"""CloudWatch Logs: the lines that our functions wrote, all in one log group."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.config import Config

from chalicelib.gateways.aws_answers import usable_answer
from chalicelib.world.monitoring import FoundLines, LogLine

LOGS_CLIENT = Config(connect_timeout=1, read_timeout=4, retries={"total_max_attempts": 2, "mode": "standard"})
PAGE_LINES = 2_000
MAX_PAGES = 4
"""A page may be empty although more follow, since CloudWatch ends a page after some work."""


@dataclass(frozen=True)
class Event:
    """The fields that are read of an event of CloudWatch."""

    event_id: str
    at: datetime
    stream: str
    text: str


class CloudWatchLogs:
    """World's Logs. Lambda names a stream of a shared group `{day}/{function}[{version}]{id}`."""

    def __init__(self, client: Any, group: str) -> None:
        self._client = client
        self._group = group

    def find(self, fields: Mapping[str, str | None], *, since: datetime, until: datetime) -> FoundLines:
        request: dict[str, Any] = {
            "logGroupName": self._group,
            "startTime": _milliseconds(since),
            "endTime": _milliseconds(until),
            "limit": PAGE_LINES,
        }
        if fields:
            request["filterPattern"] = filter_pattern(fields)
        lines: list[LogLine] = []
        for _ in range(MAX_PAGES):
            with usable_answer("logs"):
                answer = self._client.filter_log_events(**request)
                events = [event for each in answer.get("events", ()) if (event := _read(each)) is not None]
                token = answer.get("nextToken")
            lines += [line for line in map(_to_line, events) if _has(line, fields)]
            if not token:
                break
            request["nextToken"] = token
        return FoundLines(sorted(lines, key=lambda line: line.at), complete=not token)


def filter_pattern(fields: Mapping[str, str | None]) -> str:
    """CloudWatch's pattern for JSON lines with these values."""
    conditions = [
        f"($.{name} NOT EXISTS)" if value is None else f"($.{name} = {json.dumps(value)})"
        for name, value in fields.items()
    ]
    return "{ " + " && ".join(conditions) + " }"


def _has(line: LogLine, fields: Mapping[str, str | None]) -> bool:
    """Whether a line matches. An engine that knows no patterns for JSON returns all lines."""
    return all(line.fields.get(name) == value for name, value in fields.items()) and (bool(line.fields) or not fields)


def _read(event: Mapping[str, Any]) -> Event | None:
    """The fields of an event. None for an event without a time or a text."""
    at, text = event.get("timestamp"), event.get("message")
    if not isinstance(at, int) or not isinstance(text, str):
        return None
    stream, event_id = str(event.get("logStreamName", "")), str(event.get("eventId", ""))
    return Event(event_id, datetime.fromtimestamp(at / 1000, UTC), stream, text)


def _to_line(event: Event) -> LogLine:
    source = event.stream.rpartition("/")[2].partition("[")[0]
    return LogLine(event.event_id, event.at, source, event.text.rstrip("\n"), _fields(event.text))


def _fields(text: str) -> dict[str, object]:
    try:
        parsed = json.loads(text) if text.startswith("{") else {}
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
