"""Our queues: created in a running engine, or described for CloudFormation with their alarms."""

import json
import re
from typing import Any

from chalicelib.services.outbox import CONSUMED, POISON, dead_letter_name
from infra.camel_case import camel_case

__all__ = [
    "ALL_QUEUES",
    "CONSUMED",
    "POISON",
    "alarm_name",
    "create_queues",
    "dead_letter_name",
    "logical_id",
    "template_queues",
]
ALL_QUEUES = (*CONSUMED, POISON)
"""The queues to which functions send. SQS itself fills the dead-letter queues."""
CONSUMER_SECONDS = 30
"""A consumer's time-out. The slowest consumer sends a batch of SMS."""
VISIBILITY_SECONDS = 6 * CONSUMER_SECONDS
"""Six time-outs, as Lambda's documentation asks, so that a throttled batch is not delivered twice."""
MAX_RECEIVES = 8
"""A message is delivered again after 2, 8 and 30 s, then after four visibility time-outs: an outage of 12 minutes
loses none to the dead-letter queue."""
RETENTION_SECONDS = 14 * 24 * 3600
BATCH = 10


def logical_id(queue: str) -> str:
    """`bijuli-otp` is `OtpQueue` in the template."""
    return camel_case(queue.removeprefix("bijuli-")) + "Queue"


def create_queues(client: Any) -> str:
    """Create every missing queue. Returns the prefix of a queue's URL before its name."""
    client.create_queue(QueueName=POISON)
    for queue in CONSUMED:
        dead_url = client.create_queue(QueueName=dead_letter_name(queue))["QueueUrl"]
        dead_arn = client.get_queue_attributes(QueueUrl=dead_url, AttributeNames=["QueueArn"])["Attributes"]
        redrive = {"deadLetterTargetArn": dead_arn["QueueArn"], "maxReceiveCount": MAX_RECEIVES}
        attributes = {
            "VisibilityTimeout": str(VISIBILITY_SECONDS),
            "RedrivePolicy": json.dumps(redrive),
        }
        url = client.create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"]
    return re.sub(f"{queue}$", "", str(url))


def template_queues() -> dict[str, Any]:
    """The CloudFormation resources, by logical id: queues, dead-letter queues, and an alarm for each of those."""
    resources: dict[str, Any] = {}
    for queue in CONSUMED:
        redrive = {
            "deadLetterTargetArn": {"Fn::GetAtt": [logical_id(dead_letter_name(queue)), "Arn"]},
            "maxReceiveCount": MAX_RECEIVES,
        }
        resources[logical_id(queue)] = _queue(queue, VisibilityTimeout=VISIBILITY_SECONDS, RedrivePolicy=redrive)
        resources[logical_id(dead_letter_name(queue))] = _queue(dead_letter_name(queue))
        resources[f"{logical_id(dead_letter_name(queue))}Alarm"] = _alarm(dead_letter_name(queue))
    resources[logical_id(POISON)] = _queue(POISON)
    resources[f"{logical_id(POISON)}Alarm"] = _alarm(POISON)
    return resources


def alarm_name(queue: str) -> str:
    """The alarm of a dead-letter queue or of the poison queue, which must be empty."""
    return f"{queue}-not-empty"


def _queue(name: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {
            "QueueName": name,
            "SqsManagedSseEnabled": True,
            "MessageRetentionPeriod": RETENTION_SECONDS,
            **properties,
        },
    }


def _alarm(queue: str) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": alarm_name(queue),
            "AlarmDescription": f"{queue} holds a message that no consumer could process.",
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": [logical_id(queue), "QueueName"]}}],
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": "AlarmTopic"}],
        },
    }
