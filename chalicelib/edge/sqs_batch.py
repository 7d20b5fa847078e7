"""Handles the messages of a queue one by one: a failed message does not fail the others."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib import log
from chalicelib.domain.alarms import Alarm
from chalicelib.domain.messages import Poison

RESERVE_SECONDS = 20
"""A message is begun only while so much time is left: a silent company costs up to 14 s, and DynamoDB the rest."""


def process_batch(event: Any, handle: Callable[[Mapping[str, Any]], object]) -> dict[str, list[dict[str, str]]]:
    """Handle every record of an SQS event. The result names the failed records: SQS delivers them again, and after
    the last try moves them to the dead-letter queue. It also names the records that were not begun for lack of time:
    a function that reaches its time-out fails its whole batch."""
    failed = []
    for number, record in enumerate(_records(event)):
        if number and _seconds_left(event.context) < RESERVE_SECONDS:
            log.fact("message_handed_back", message_id=record["messageId"])
            failed.append({"itemIdentifier": record["messageId"]})
            continue
        try:
            handle(_read(record["body"]))
        except Poison as poison:
            log.alarm(Alarm.MESSAGE_POISON, message_id=record["messageId"], reason=str(poison))
            failed.append({"itemIdentifier": record["messageId"]})
        except Exception as error:  # noqa: BLE001  any error: the other messages go on, and SQS delivers this one again
            log.fact("message_failed", message_id=record["messageId"], error=type(error).__name__)
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _records(event: Any) -> list[dict[str, Any]]:
    """The messages of the event. An event of another kind, such as a warm-up ping, has none."""
    content = event.to_dict()
    records = content.get("Records") if isinstance(content, dict) else None
    return [
        record for record in records or () if isinstance(record, dict) and isinstance(record.get("messageId"), str)
    ]


def _seconds_left(context: Any) -> float:
    """The time until Lambda ends this run. A run without a context has no end."""
    return float(context.get_remaining_time_in_millis()) / 1000 if context is not None else math.inf


def _read(body: str) -> Mapping[str, Any]:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise Poison("not JSON") from error
    if not isinstance(message, dict):
        raise Poison("not an object")
    return message
