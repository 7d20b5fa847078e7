"""CloudWatch alarms of the template: one for each declared alarm, and one for API Gateway's 5xx responses."""

from typing import Any

from chalicelib.domain.operations.alarm_kinds import ALARM_KINDS, AlarmKind, Severity
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.log import NAMESPACE
from infra.camel_case import camel_case

PERIOD_SECONDS = 60
API_ALARM = "api_broken"
API_ALARM_KIND = AlarmKind(
    Severity.URGENT,
    "API Gateway answered with status 5xx.",
    "If `unhandled_exception` rings as well, follow that one. If not, the function timed out, was throttled or did "
    "not start: read its log of the same minute.",
)


def template_alarms() -> dict[str, Any]:
    """The CloudFormation resources by logical id: the topic, and the alarms that send to it."""
    api = [{"Name": "ApiName", "Value": "bijuli"}, {"Name": "Stage", "Value": "prod"}]
    return {
        "AlarmTopic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "bijuli-alarms"}},
        **{f"{camel_case(name)}Alarm": _alarm(name, ALARM_KINDS[name], NAMESPACE, name.value, []) for name in Alarm},
        "ApiBrokenAlarm": _alarm(API_ALARM, API_ALARM_KIND, "AWS/ApiGateway", "5XXError", api),
    }


def alarm_name(name: str) -> str:
    """The alarm's name in CloudWatch."""
    return f"bijuli-{name.replace('_', '-')}"


def _alarm(
    name: str, kind: AlarmKind, namespace: str, metric: str, dimensions: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": alarm_name(name),
            "AlarmDescription": f"[{kind.severity.value}] {kind.meaning} {kind.action}",
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
