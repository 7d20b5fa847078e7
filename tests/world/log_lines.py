"""The lines that the log has written, and the alarms among them."""

import json
from io import StringIO
from typing import Any

from chalicelib.domain.operations.alarms import Alarm


def lines(log_output: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log_output.getvalue().splitlines()]


def alarms(log_output: StringIO, alarm: Alarm) -> list[dict[str, Any]]:
    """The lines of this alarm."""
    return [line for line in lines(log_output) if line["fact"] == alarm.value]


def alarms_count(log_output: StringIO, alarm: Alarm) -> int:
    return len(alarms(log_output, alarm))


def alarm_names(log_output: StringIO) -> list[str]:
    """The names of all alarms in their order."""
    return [line["fact"] for line in lines(log_output) if line.get("level") == "ALARM"]
