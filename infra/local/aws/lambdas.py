"""The service's functions as Lambda runs them: their events and time-outs."""

import re
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

from chalice.app import Chalice, ScheduledEventConfig, SQSEventConfig

from infra.camel_case import camel_case
from infra.local.aws.aws_account import ACCOUNT, REGION
from infra.local.aws.iam import running
from infra.local.aws.marked_calls import marking_calls

Handler = Callable[[Any, Any], Any]
RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
CRON = re.compile(r"cron\((\d+) (\d+) \* \* \? \*\)")


@dataclass(frozen=True)
class Consumer:
    """A function that consumes a queue, at most `batch_size` messages at once."""

    name: str
    queue: str
    batch_size: int
    handler: Handler

    @property
    def function(self) -> str:
        """Its logical id in the template."""
        return camel_case(self.name)


@dataclass(frozen=True)
class Schedule:
    """A function on a schedule. `rate` is AWS's expression."""

    name: str
    rate: str
    handler: Handler

    @property
    def function(self) -> str:
        """Its logical id in the template."""
        return camel_case(self.name)

    def after(self, at: datetime) -> datetime:
        """The next time it is due. Raises ValueError for a rate that is neither regular nor daily."""
        if regular := RATE.fullmatch(self.rate):
            return at + timedelta(**{f"{regular[2]}s": int(regular[1])})
        if daily := CRON.fullmatch(self.rate):
            today = at.astimezone(UTC).replace(hour=int(daily[2]), minute=int(daily[1]), second=0, microsecond=0)
            return today if today > at else today + timedelta(days=1)
        raise ValueError(f"{self.name}: the sandbox can't read {self.rate}")


@dataclass(frozen=True)
class Context:
    """The context of one run, which has `seconds` from now."""

    function_name: str
    seconds: float
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    begun: float = field(default_factory=time.monotonic)
    memory_limit_in_mb: int = 512

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.begun + self.seconds - time.monotonic()) * 1000))


def consumers(app: Chalice) -> list[Consumer]:
    """Every function that consumes a queue."""
    return [
        Consumer(source.name, str(source.queue), source.batch_size, _handler(source))
        for source in app.event_sources
        if isinstance(source, SQSEventConfig)
    ]


def schedules(app: Chalice) -> list[Schedule]:
    """Every function on a schedule."""
    return [
        Schedule(source.name, _rate(source.schedule_expression), _handler(source))
        for source in app.event_sources
        if isinstance(source, ScheduledEventConfig)
    ]


def queue_event(queue: str, messages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A batch of messages as received from SQS, the way Lambda passes them on."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message.get("Attributes", {}),
                "messageAttributes": {},
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def clock_event(schedule: Schedule, at: datetime) -> dict[str, Any]:
    """EventBridge's event for a due schedule."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{schedule.name}"],
        "detail": {},
    }


def failures(answer: Any, message_ids: Sequence[str]) -> set[str]:
    """The messages that failed. A result that Lambda can't read means all of them."""
    try:
        failed = {item["itemIdentifier"] for item in (answer or {}).get("batchItemFailures") or ()}
    except (TypeError, KeyError, AttributeError):
        return set(message_ids)
    return failed if failed <= set(message_ids) else set(message_ids)


def _handler(source: Any) -> Handler:
    """The handler of an event source. Its calls are calls of its own function."""
    module, _, name = source.handler_string.rpartition(".")
    handler: Handler = getattr(import_module(module), name)

    def run(event: Any, context: Any) -> Any:
        # A test may call a function without a context, or with one that has no id.
        with running(camel_case(source.name)), marking_calls(getattr(context, "aws_request_id", "")):
            return handler(event, context)

    return run


def _rate(expression: Any) -> str:
    return expression if isinstance(expression, str) else str(expression.to_string())
