"""IAM policies of the functions: their actions on our tables, queues, key, secrets and sender."""

from collections.abc import Sequence
from typing import Any

from chalicelib.services.outbox import POISON
from chalicelib.tables.rows import Row
from infra import queues, tables

ROWS = ("BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
RECEIVING = ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
SECRETS = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${SecretsParameter}"
MAIL_IDENTITY = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/${MailIdentity}"
SEALING = "ApiHandler"
MAILING = "SendOtps"
AUDITING = "AuditLedger"


def rights(models: Sequence[type[Row]], function: str, queue: str | None) -> dict[str, Any]:
    """The policy document of a function by its logical id. `queue` is the queue that it consumes."""
    rows = [_arn(tables.logical_id(tables.unprefixed_name(model))) for model in models]
    sending = [_arn(queues.logical_id(name)) for name in (*queues.CONSUMED, POISON)]
    statements = [
        _allow("dynamodb", ROWS, rows),
        _allow("dynamodb", ("Query",), _indexes(models)),
        _allow("sqs", ("SendMessage",), sending),
        _allow("ssm", ("GetParameter",), [{"Fn::Sub": SECRETS}]),
    ]
    if queue is not None:
        statements.append(_allow("sqs", RECEIVING, [_arn(queues.logical_id(queue))]))
    if function == SEALING:
        statements.append(_allow("kms", ("Decrypt", "Encrypt"), [_arn("VaultKey")]))
    if function == MAILING:
        statements.append(_allow("ses", ("SendEmail",), [{"Fn::Sub": MAIL_IDENTITY}]))
    if function == AUDITING:
        statements.append(_allow("dynamodb", ("Scan",), rows))
    return {"Version": "2012-10-17", "Statement": statements}


def _indexes(models: Sequence[type[Row]]) -> list[Any]:
    return [
        {"Fn::Sub": f"${{{tables.logical_id(tables.unprefixed_name(model))}.Arn}}/index/{index}"}
        for model in models
        for index in tables.index_names(model)
    ]


def _arn(logical_id: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def _allow(service: str, actions: Sequence[str], resources: Sequence[Any]) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": [f"{service}:{action}" for action in actions],
        "Resource": list(resources),
    }
