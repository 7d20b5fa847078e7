"""What a person is woken for: every alarm our code raises, and API Gateway answering 5xx."""

import ast
from pathlib import Path
from typing import Any

from chalicelib.log import NAMESPACE

ROOT = Path(__file__).parents[1]
PERIOD_SECONDS = 60


def alarm_names() -> list[str]:
    """The names given to `log.alarm` anywhere in the code that is deployed."""
    names = set()
    for room in ("chalicelib", "functions"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "log.alarm":
                    names.add(str(ast.literal_eval(node.args[0])))
    return sorted(names)


def template_alarms() -> dict[str, Any]:
    """The CloudFormation resources, by logical id, with the topic they are sent to."""
    ours = {f"{_camel(name)}Alarm": _alarm(name, NAMESPACE, name, []) for name in alarm_names()}
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
