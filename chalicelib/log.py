"""JSON lines, one a fact: a name and the ids it is about, from a list of fields that may be written down."""

import json
import sys
import time
from typing import TextIO

FIELDS = frozenset(
    {
        "about",
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
        "session_id",
        "sn",
        "source",
        "state",
        "status",
        "user_id",
    }
)
NAMESPACE = "Bijuli"


class NotLoggable(ValueError):
    """A field that is not on the list: nobody has said that it is safe to write down."""


class Output:
    """Where lines go; the sandbox and the tests listen here."""

    stream: TextIO | None = None


def fact(name: str, **fields: object) -> None:
    """One thing that happened. Raises NotLoggable for a field that is not on the list."""
    _write({"fact": name}, fields)


def alarm(name: str, **fields: object) -> None:
    """A fact that a person must hear of: counted as a metric under its name (CloudWatch's embedded format)."""
    metric = {
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
