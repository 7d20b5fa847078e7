"""Writes docs/runbook.md from the declared alarms: `python -m infra.runbook` prints it."""

import sys

from chalicelib.domain.operations.alarm_kinds import ALARM_KINDS, AlarmKind, Severity
from chalicelib.services.outbox import POISON
from infra import queues
from infra.alarms import API_ALARM, API_ALARM_KIND, alarm_name

HEADINGS = {
    Severity.URGENT: "Urgent: act at once",
    Severity.SAME_DAY: "Same day: act within the working day",
}
INTRODUCTION = """# Runbook

Made from `chalicelib/domain/operations/alarm_kinds/` and `infra/queues.py` by `make runbook`. Don't edit it by hand.

Every alarm is a metric of the CloudWatch namespace `Bijuli` and sends to the SNS topic `bijuli-alarms`. It goes off
when the metric is above 0 within a minute. To find its cause, search the log group of the functions for the fact's
name (`/aws/lambda/STACK-service`, or `GET /api/admin/system/logs`):

    fields @timestamp, @message | filter fact = "intent_needs_review" | sort @timestamp desc
"""
QUEUES = """## Queues that must be empty

| alarm | queue |
|---|---|
{rows}

1. Read one message without deleting it (`GET /api/admin/system/dead-letters/QUEUE`). Find its id in the log of the
   consumer: `message_poison` or `message_failed`.
2. Correct the cause and deploy.
3. Start a redrive to the source queue. Every consumer accepts the same message twice.
4. A message in `{poison}` has no source queue: it came from the device platform. Keep a copy, then delete it.
"""


def runbook() -> str:
    """The page as Markdown."""
    kinds: dict[str, AlarmKind] = {name.value: kind for name, kind in ALARM_KINDS.items()} | {
        API_ALARM: API_ALARM_KIND
    }
    sections = [
        f"## {heading}\n\n"
        + "\n\n".join(_section(name, kind) for name, kind in kinds.items() if kind.severity is severity)
        for severity, heading in HEADINGS.items()
    ]
    watched = [*(queues.dead_letter_name(queue) for queue in queues.CONSUMED), POISON]
    rows = "\n".join(f"| `{queues.alarm_name(queue)}` | `{queue}` |" for queue in watched)
    return "\n".join(
        [INTRODUCTION, *(section + "\n" for section in sections), QUEUES.format(rows=rows, poison=POISON)]
    )


def _section(name: str, kind: AlarmKind) -> str:
    return f"### `{name}`\n\nCloudWatch: `{alarm_name(name)}`. {kind.meaning}\n\n{kind.action}"


if __name__ == "__main__":
    sys.stdout.write(runbook())
