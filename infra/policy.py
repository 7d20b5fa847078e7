"""IAM policies of the functions: their actions on our tables, queues, key, secrets and sender."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from infra import queues, tables
from infra.grants import GRANTS

RECEIVING = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
"""What Lambda's event source mapping does at a queue, with the role of the queue's consumer."""
SECRETS = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${SecretsParameter}"
MAIL_IDENTITY = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}"
VAULT_KEY = "VaultKey"
LOG_GROUP_NAME = "/aws/lambda/${AWS::StackName}-service"
"""A name under which every role may write: `.chalice/policy-prod.json` allows the stack's own groups."""
LOGS = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:" + f"{LOG_GROUP_NAME}:*"
MAX_CHARACTERS = 10_240
"""All inline policies of a role together, without white space."""
MAX_MANAGED_CHARACTERS = 6_144
"""A policy that stands beside its role. A role with many tables has its other rights there."""


def rights(function: str) -> dict[str, Any]:
    """The policy document of a function by its logical id. Raises KeyError for a function without grants."""
    return _document([*_on_tables(GRANTS[function].tables), *_on_services(function)])


def inline_and_managed_rights(function: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The same rights in two documents, for a function that watches queues. None where one is enough."""
    if not GRANTS[function].watches:
        return rights(function), None
    return _document(_on_tables(GRANTS[function].tables)), _document(_on_services(function))


def _on_services(function: str) -> list[dict[str, Any]]:
    """The statements that are not about tables."""
    grants = GRANTS[function]
    statements = [_allow("ssm", ("GetParameter",), [{"Fn::Sub": SECRETS}])]
    if grants.sends:
        statements.append(_allow("sqs", ("SendMessage",), [_arn(queues.logical_id(name)) for name in grants.sends]))
    if grants.consumes is not None:
        actions = ("ChangeMessageVisibility", *RECEIVING)
        statements.append(_allow("sqs", actions, [_arn(queues.logical_id(grants.consumes))]))
    if grants.watches:
        statements.append(
            _allow("sqs", ("GetQueueAttributes",), [_arn(queues.logical_id(name)) for name in grants.watches])
        )
    if grants.reads_logs:
        statements.append(_allow("logs", ("FilterLogEvents",), [{"Fn::Sub": LOGS}]))
    if grants.redrives:
        dead = [_arn(queues.logical_id(queues.dead_letter_name(name))) for name in grants.redrives]
        statements.append(_allow("sqs", ("DeleteMessage", "ReceiveMessage"), dead))
    if grants.seals:
        statements.append(_allow("kms", ("Decrypt", "Encrypt"), [_arn(VAULT_KEY)]))
    if grants.mails:
        statements.append(_allow("ses", ("SendEmail",), [{"Fn::Sub": MAIL_IDENTITY}]))
    return statements


def _document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _on_tables(actions_by_table: Mapping[str, str]) -> list[dict[str, Any]]:
    """One statement for all tables and indexes that have the same actions."""
    tables_by_actions: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for name, actions in actions_by_table.items():
        tables_by_actions[tuple(sorted(actions.split()))].append(_table_arn(name))
    return [_allow("dynamodb", actions, resources) for actions, resources in sorted(tables_by_actions.items())]


def _table_arn(name: str) -> dict[str, Any]:
    """The ARN of the table `rentals`, or of an index of it: `rentals/waiting`."""
    table, _, index = name.partition("/")
    logical_id = tables.logical_id(table)
    return {"Fn::Sub": f"${{{logical_id}.Arn}}/index/{index}"} if index else _arn(logical_id)


def _arn(logical_id: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def _allow(service: str, actions: Sequence[str], resources: Sequence[Any]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": [f"{service}:{action}" for action in actions],
        "Resource": list(resources),
    }
