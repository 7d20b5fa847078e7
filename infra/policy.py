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
MAX_CHARACTERS = 10_240
"""All inline policies of a role together, without white space."""


def rights(function: str) -> dict[str, Any]:
    """The policy document of a function by its logical id. Raises KeyError for a function without grants."""
    grants = GRANTS[function]
    statements = [*_on_tables(grants.tables), _allow("ssm", ("GetParameter",), [{"Fn::Sub": SECRETS}])]
    if grants.sends:
        statements.append(_allow("sqs", ("SendMessage",), [_arn(queues.logical_id(name)) for name in grants.sends]))
    if grants.consumes is not None:
        actions = ("ChangeMessageVisibility", *RECEIVING)
        statements.append(_allow("sqs", actions, [_arn(queues.logical_id(grants.consumes))]))
    if grants.seals:
        statements.append(_allow("kms", ("Decrypt", "Encrypt"), [_arn(VAULT_KEY)]))
    if grants.mails:
        statements.append(_allow("ses", ("SendEmail",), [{"Fn::Sub": MAIL_IDENTITY}]))
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
