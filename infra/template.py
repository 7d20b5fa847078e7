"""The merge template for Chalice's: tables, queues, policies, alarms, settings, and responses of API Gateway."""

from typing import Any

from chalicelib.config import DEFAULTS, FIELDS, MAY_BE_EMPTY, SECRETS, env_name
from chalicelib.tables.all_tables import ROW_TYPES
from infra import queues
from infra.alarms import template_alarms
from infra.api_gateway_responses import template_responses
from infra.camel_case import camel_case
from infra.policy import LOG_GROUP_NAME, inline_and_managed_rights
from infra.queues import template_queues
from infra.tables import template_tables

PREFIX = "bijuli-prod-"
FUNCTION = "AWS::Serverless::Function"
API_SECONDS = 29
LOG_GROUP = "ServiceLogGroup"
LOG_DAYS = 30
OLDEST_EVENT_SECONDS = 60
SET_BY_TEMPLATE = frozenset({"table_prefix", "queue_url_prefix", "kms_key_id", "log_group"})
"""Settings that are no parameters: the template knows their values."""


def additions(base: dict[str, Any]) -> dict[str, Any]:
    """The merge template for `base`. Chalice merges its dicts, and replaces lists."""
    return {
        "Parameters": _parameters(),
        "Globals": {
            "Function": {
                "Environment": {"Variables": _environment()},
                # one group for all functions: a search of it finds what a request caused anywhere
                "LoggingConfig": {"LogGroup": {"Ref": LOG_GROUP}},
            }
        },
        "Resources": {
            **template_tables(ROW_TYPES, PREFIX),
            **template_queues(),
            **template_alarms(),
            **template_responses("RestAPI", "*"),
            **_key(),
            LOG_GROUP: {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"LogGroupName": {"Fn::Sub": LOG_GROUP_NAME}, "RetentionInDays": LOG_DAYS},
            },
            **_functions(base["Resources"]),
            **_roles(base["Resources"]),
            # Chalice names this resource after a function that it then renames
            "ApiHandlerLogGroup": {"Properties": {"LogGroupName": {"Fn::Sub": "/aws/lambda/${APIHandler}"}}},
        },
        "Outputs": {"AlarmTopic": {"Value": {"Ref": "AlarmTopic"}}},
    }


def _parameters() -> dict[str, Any]:
    content = {
        parameter_name(field): {"Type": "String", **_default(field)}
        for field in FIELDS
        if field not in SECRETS | SET_BY_TEMPLATE
    }
    secrets = {"Type": "String", "Description": "Name of the SSM SecureString that holds the secrets as JSON"}
    identity = {"Type": "String", "Description": "What SES verified: the sender's address, or its domain"}
    return content | {"SecretsParameter": secrets | {"AllowedPattern": "[^/].*"}, "MailIdentity": identity}


def _default(field: str) -> dict[str, str]:
    if field in DEFAULTS:
        return {"Default": DEFAULTS[field]}
    return {"Default": ""} if field in MAY_BE_EMPTY else {}


def parameter_name(field: str) -> str:
    """`khalti_api_url` is `KhaltiApiUrl` in the template."""
    return camel_case(field)


def _environment() -> dict[str, Any]:
    content: dict[str, Any] = {
        env_name(field): {"Ref": parameter_name(field)} for field in FIELDS if field not in SECRETS | SET_BY_TEMPLATE
    }
    queue_url_prefix = "https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/"
    return content | {
        env_name("table_prefix"): PREFIX,
        env_name("queue_url_prefix"): {"Fn::Sub": queue_url_prefix},
        env_name("kms_key_id"): {"Ref": "VaultKey"},
        env_name("log_group"): {"Fn::Sub": LOG_GROUP_NAME},
        "BIJULI_SECRETS_PARAMETER": {"Fn::Sub": "/${SecretsParameter}"},
    }


def _functions(resources: dict[str, Any]) -> dict[str, Any]:
    """Every function with an event, with its retries and failure destination."""
    return {
        name: {"Properties": _event_settings(resource["Properties"]["Events"])}
        for name, resource in resources.items()
        if resource["Type"] == FUNCTION and "Events" in resource["Properties"]
    }


def _event_settings(events: dict[str, Any]) -> dict[str, Any]:
    """How Lambda treats the events of a function: the messages of its queue, or the runs of its schedule."""
    queue = _queue(events)
    if queue is None:
        # the next run repeats what this one did not finish
        bounds = {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": OLDEST_EVENT_SECONDS}
        return {"EventInvokeConfig": bounds}
    content = {
        # with the function Chalice used, since dicts are merged: the mapping now depends on the queue
        "Queue": {"Fn::Sub": f"${{{queues.logical_id(queue)}.Arn}}"},
        # without it Lambda deletes failed messages with the others
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    }
    return {"Events": {name: {"Properties": content} for name in events}}


def _queue(events: dict[str, Any]) -> str | None:
    """The name of the queue that a function consumes."""
    for event in events.values():
        if event["Type"] == "SQS":
            return str(event["Properties"]["Queue"]["Fn::Sub"].rpartition(":")[2])
    return None


def _roles(resources: dict[str, Any]) -> dict[str, Any]:
    """Each function's role, with that function's permissions and those for its log."""
    merged: dict[str, Any] = {}
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            inline, managed = inline_and_managed_rights(name.removesuffix("Role"))
            ours = {"PolicyName": "Bijuli", "PolicyDocument": inline}
            merged[name] = {"Properties": {"Policies": [*resource["Properties"]["Policies"], ours]}}
            if managed is not None:
                properties = {"PolicyDocument": managed, "Roles": [{"Ref": name}]}
                merged[f"{name}Policy"] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    return merged


def _key() -> dict[str, Any]:
    """The KMS key that encrypts document numbers. In a key's own policy `*` means that key."""
    owner = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}},
        "Action": "kms:*",
        "Resource": "*",
    }
    return {
        "VaultKey": {
            "Type": "AWS::KMS::Key",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "Description": "Seals document numbers and the like",
                "EnableKeyRotation": True,
                "KeyPolicy": {"Version": "2012-10-17", "Statement": [owner]},
            },
        }
    }
