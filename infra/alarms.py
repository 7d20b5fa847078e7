"""What a person is woken for: every alarm our code raises, and API Gateway answering 5xx."""

from typing import Any

from chalicelib.log import NAMESPACE

RAISED = (
    "audit_violation",
    "bug",
    "cabinet_unknown",
    "eject_unresolved",
    "ejected_for_nobody",
    "gateway_refused",
    "inbox_away",
    "intent_disputed",
    "message_stuck",
    "news_unreadable",
    "powerbank_quarantined",
    "powerbank_vanished",
    "queue_away",
    "refresh_reused",
    "rental_not_reopened",
    "sms_away",
)
"""The names given to `log.alarm`: a test compares them with the code."""
PERIOD_SECONDS = 60


def template_alarms() -> dict[str, Any]:
    """The CloudFormation resources, by logical id, with the topic they are sent to."""
    ours = {f"{_camel(name)}Alarm": _alarm(name, NAMESPACE, name, []) for name in RAISED}
    api = [{"Name": "ApiName", "Value": "bijuli"}, {"Name": "Stage", "Value": "prod"}]
    return {
        "AlarmTopic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "bijuli-alarms"}},
        **ours,
        "ApiBrokenAlarm": _alarm("api_broken", "AWS/ApiGateway", "5XXError", api),
    }


def _alarm(name: str, namespace: str, metric: str, dimensions: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": f"bijuli-{name.replace('_', '-')}",
            "Namespace": namespace,
            "MetricName": metric,
            "Dimensions": dimensions,
            "Statistic": "Sum",
            "Period": PERIOD_SECONDS,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": "AlarmTopic"}],
        },
    }


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
