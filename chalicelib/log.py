"""Structured logging: one JSON line a fact, with a name and the fields that are allowed."""

import json
import sys
import time
from typing import TextIO

from chalicelib.domain.operations.alarms import Alarm

FIELDS = frozenset(
    {
        "about",
        "addition_id",
        "amount_paisa",
        "challenge_id",
        "code",
        "command",
        "error",
        "imei",
        "intent_id",
        "message_id",
        "method",
        "milliseconds",
        "path",
        "powerbank_sn",
        "queue",
        "reason",
        "refund_id",
        "rental_id",
        "request_id",
        "rule",
        "sent_at",
        "session_id",
        "slot_number",
        "sn",
        "source",
        "state",
        "status",
        "user_id",
    }
)
"""The field names that a line may have. None of them is for personal data, free text or secrets."""
NAMESPACE = "Bijuli"
"""The CloudWatch namespace of the alarm metrics."""


class NotLoggable(ValueError):
    """The fact has a field that is not in FIELDS."""


class Output:
    """The stream that lines are written to; None means the standard output. The sandbox and the tests replace it."""

    stream: TextIO | None = None


def fact(name: str, **fields: object) -> None:
    """Write one line about something that happened. Raises NotLoggable for a field that is not in FIELDS."""
    _write({"fact": name}, fields)


def alarm(name: Alarm, **fields: object) -> None:
    """Write a fact that a person must act on. CloudWatch counts it as the metric `name` (embedded metric format).

    Raises NotLoggable for a field that is not in FIELDS.
    """
    metric = {
        # the machine's clock: CloudWatch refuses metrics of the far past and future, whatever a test sets
        "Timestamp": int(time.time() * 1000),
        "CloudWatchMetrics": [
            {"Namespace": NAMESPACE, "Dimensions": [[]], "Metrics": [{"Name": name, "Unit": "Count"}]}
        ],
    }
    _write({"fact": name, "level": "ALARM", "_aws": metric, name: 1}, fields)


def _write(head: dict[str, object], fields: dict[str, object]) -> None:
    unknown = fields.keys() - FIELDS
    if unknown:
        raise NotLoggable(", ".join(sorted(unknown)))
    stream = Output.stream or sys.stdout
    stream.write(json.dumps({**head, **fields}, separators=(",", ":"), default=str) + "\n")
