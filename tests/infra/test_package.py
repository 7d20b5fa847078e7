"""The synthesised template: what Chalice makes of the app, with ours merged in."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.config import FIELDS, SECRETS, env_name
from chalicelib.domain.operations.alarm_kinds import ALARM_KINDS
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.problems.problems import PROBLEM_KINDS
from chalicelib.log import NAMESPACE
from chalicelib.services.outbox import POISON
from chalicelib.tables.all_tables import ROW_TYPES
from infra import queues
from infra.grants import GRANTS
from infra.local.aws.iam import AccessControl
from infra.policy import MAIL_IDENTITY, MAX_CHARACTERS, MAX_MANAGED_CHARACTERS, inline_and_managed_rights
from infra.synthesis import API, INTEGRATION, ROOT, as_text, whole_template
from infra.tables import logical_id, unprefixed_name
from infra.template import FUNCTION, PREFIX

LOG_POLICY_CHARACTERS = 300
"""The policy of `.chalice/policy-prod.json`, with a stack name of 40 characters."""


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return whole_template()


def resources(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: item.get("Properties", {}) for name, item in template["Resources"].items() if item["Type"] == kind}


def consumers(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Name, function and event of each consumer."""
    for name, function in resources(template, FUNCTION).items():
        for event in function.get("Events", {}).values():
            if event["Type"] == "SQS":
                yield name, function, event["Properties"]


def statements(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, role in resources(template, "AWS::IAM::Role").items():
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement
    for policy in resources(template, "AWS::IAM::ManagedPolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            yield policy["Roles"][0]["Ref"], statement


def test_the_template_passes_cfn_lint(template: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template))
    linter = Path(sys.executable).with_name("cfn-lint")
    result = subprocess.run(  # noqa: S603  our own linter on our own file
        [linter, str(path)], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout


def test_the_template_fits_into_cloudformation_and_api_gateway_with_room(template: dict[str, Any]) -> None:
    """CloudFormation takes 1 MB, 500 resources, 200 parameters and 200 outputs; API Gateway 300 resources an API."""
    assert len(as_text(template).encode()) < 500_000
    assert len(template["Resources"]) < 400
    assert len(template["Parameters"]) < 100
    assert len(template["Outputs"]) < 100
    (api,) = resources(template, API).values()
    nodes = {path[:end] for path in api["DefinitionBody"]["paths"] for end in _ends_of_segments(path)}
    assert len(nodes) < 290, "API Gateway must be asked for more resources"


def _ends_of_segments(path: str) -> list[int]:
    return [at for at, letter in enumerate(path) if letter == "/" and at] + [len(path)]


def test_an_operation_has_what_a_proxy_integration_reads(template: dict[str, Any]) -> None:
    (api,) = resources(template, API).values()
    for path, operations in api["DefinitionBody"]["paths"].items():
        for method, operation in operations.items():
            integration = operation[INTEGRATION]
            assert (integration["type"], integration["httpMethod"]) == ("aws_proxy", "POST"), (method, path)
            assert "APIHandler.Arn" in integration["uri"]["Fn::Sub"]
            named = {part["name"] for part in operation.get("parameters", ()) if part["in"] == "path"}
            assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}, (method, path)


def test_every_consumer_reports_partial_batch_failures(template: dict[str, Any]) -> None:
    event_sources = list(consumers(template))
    fed = {event["Queue"]["Fn::Sub"].removeprefix("${").partition(".")[0] for _, _, event in event_sources}
    assert fed == {queues.logical_id(queue) for queue in queues.CONSUMED}
    for name, _, event in event_sources:
        assert event["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


def test_a_visibility_timeout_is_six_times_the_consumers_timeout(template: dict[str, Any]) -> None:
    for _, function, event in consumers(template):
        queue = event["Queue"]["Fn::Sub"].removeprefix("${").partition(".")[0]
        properties = template["Resources"][queue]["Properties"]
        assert properties["VisibilityTimeout"] == 6 * function["Timeout"]


def test_every_queue_has_eight_tries_and_a_dead_letter_alarm(template: dict[str, Any]) -> None:
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == "AWS/SQS" and alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    }
    everything = resources(template, "AWS::SQS::Queue")
    for queue in queues.CONSUMED:
        redrive = everything[queues.logical_id(queue)]["RedrivePolicy"]
        assert redrive["maxReceiveCount"] == 8
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in watched
    assert queues.logical_id(POISON) in watched
    assert all(queue["SqsManagedSseEnabled"] for queue in everything.values())


def test_a_failed_schedule_is_not_retried(template: dict[str, Any]) -> None:
    clocked = {
        name: function
        for name, function in resources(template, FUNCTION).items()
        if any(event["Type"] == "Schedule" for event in function.get("Events", {}).values())
    }
    assert clocked
    for name, function in clocked.items():
        assert function["EventInvokeConfig"]["MaximumRetryAttempts"] == 0
        # .chalice/config.json names a policy for each function
        assert 0 < function.get("ReservedConcurrentExecutions", 0) <= 2, name


def test_no_policy_allows_every_resource(template: dict[str, Any]) -> None:
    for role, statement in statements(template):
        assert not any("*" in action for action in statement["Action"]), role
        for resource in statement["Resource"]:
            text = json.dumps(resource)
            # Lambda chooses the names of log streams
            assert "*" not in text or ":log-group:/aws/lambda/${AWS::StackName}-" in text, role


def test_the_policy_of_each_role_fits_into_iams_limit() -> None:
    """IAM counts the characters of all inline policies of a role, and of each other policy, without white space."""
    access = AccessControl(PREFIX)
    for name in GRANTS:
        inline, managed = (
            len(json.dumps(access.resolved(document), separators=(",", ":"))) if document else 0
            for document in inline_and_managed_rights(name)
        )
        assert inline + LOG_POLICY_CHARACTERS < MAX_CHARACTERS, name
        assert managed < MAX_MANAGED_CHARACTERS, name


def test_a_consumer_may_receive_from_its_own_queue_only(template: dict[str, Any]) -> None:
    for name, _, event in consumers(template):
        receiving = [
            statement["Resource"]
            for role, statement in statements(template)
            if role == f"{name}Role" and "sqs:ReceiveMessage" in statement["Action"]
        ]
        own = event["Queue"]["Fn::Sub"].removeprefix("${").partition(".")[0]
        assert receiving == [[{"Fn::GetAtt": [own, "Arn"]}]]


def test_only_the_api_decrypts_and_only_audit_and_recount_scan_tables(template: dict[str, Any]) -> None:
    actions = [(role, action) for role, statement in statements(template) for action in statement["Action"]]
    assert {role for role, action in actions if action.startswith("kms:")} == {"ApiHandlerRole"}
    assert {role for role, action in actions if action == "dynamodb:Scan"} == {"AuditLedgerRole", "RecountDaysRole"}


def test_only_the_consumer_of_codes_sends_mail_as_one_sender(template: dict[str, Any]) -> None:
    mailing = [(role, item) for role, item in statements(template) if any("ses:" in act for act in item["Action"])]
    assert [(role, item["Action"]) for role, item in mailing] == [("SendOtpsRole", ["ses:SendEmail"])]
    ((_, statement),) = mailing
    assert statement["Resource"] == [{"Fn::Sub": MAIL_IDENTITY}]
    assert template["Parameters"]["MailIdentity"]["Type"] == "String"


def test_every_table_of_the_models_is_in_the_template(template: dict[str, Any]) -> None:
    assert resources(template, "AWS::DynamoDB::Table").keys() == {
        logical_id(unprefixed_name(model)) for model in ROW_TYPES
    }


def test_the_functions_have_every_setting_and_no_secret(template: dict[str, Any]) -> None:
    answer = template["Globals"]["Function"]["Environment"]["Variables"]
    variables = {env_name(field) for field in FIELDS if field not in SECRETS}
    assert answer.keys() == variables | {"BIJULI_SECRETS_PARAMETER"}
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    assert "environment_variables" not in json.dumps(config)


def test_api_gateways_own_responses_have_our_envelope(template: dict[str, Any]) -> None:
    answers = resources(template, "AWS::ApiGateway::GatewayResponse").values()
    assert {answer["ResponseType"] for answer in answers} >= {"MISSING_AUTHENTICATION_TOKEN", "DEFAULT_5XX"}
    for answer in answers:
        (body,) = answer["ResponseTemplates"].values()
        value = json.loads(body)
        assert answer["StatusCode"] == str(value["status"]) == str(PROBLEM_KINDS[value["error"]["code"]].status)
        assert value["success"] is False
        assert value["request_id"] == "$context.requestId"
        assert "gatewayresponse.header.Access-Control-Allow-Origin" in answer["ResponseParameters"]


def test_only_large_responses_are_compressed(template: dict[str, Any]) -> None:
    assert template["Resources"]["RestAPI"]["Properties"]["MinimumCompressionSize"] == 1024


def test_every_declared_alarm_is_in_the_template(template: dict[str, Any]) -> None:
    alarms = [
        alarm
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values()
        if alarm["Namespace"] == NAMESPACE and alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    ]
    assert {alarm["MetricName"] for alarm in alarms} == set(Alarm)
    for alarm in alarms:
        assert ALARM_KINDS[Alarm(alarm["MetricName"])].meaning in alarm["AlarmDescription"]
