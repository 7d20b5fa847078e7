"""Checks each AWS call of a function against the policy of that function, as IAM does."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from email.utils import parseaddr
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.domain.operations.block_value import set_inside
from chalicelib.tables.all_tables import ROW_TYPES
from infra import tables
from infra.grants import GRANTS
from infra.local.aws.aws_account import ACCOUNT, KEY_ID, REGION
from infra.policy import LOG_GROUP_NAME, RECEIVING, VAULT_KEY, rights
from infra.queues import ALL_QUEUES, CONSUMED, dead_letter_name
from infra.queues import logical_id as queue_id

SECRETS_PARAMETER = "bijuli-secrets"
PARAMETERS = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "SecretsParameter": SECRETS_PARAMETER,
    "AWS::StackName": "bijuli",
}
REFERENCE = re.compile(r"\$\{([A-Za-z:]+)(\.Arn)?\}")
TRANSACTION_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
CONDITIONAL = ("PutItem", "UpdateItem", "DeleteItem")
SQS_ACTIONS = {
    "SendMessageBatch": "SendMessage",
    "DeleteMessageBatch": "DeleteMessage",
    "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
}
Permission = tuple[str, str]
"""An action and the ARN of its resource."""
_function: ContextVar[str | None] = ContextVar("function", default=None)


@contextmanager
def running(function: str) -> Iterator[None]:
    """Calls inside the block are calls of the function with this logical id."""
    with set_inside(_function, function):
        yield


def current_function() -> str | None:
    """The logical id of the function that runs. None outside of functions: the sandbox itself may do everything."""
    return _function.get()


class AccessControl:
    """The policies of all functions. `used` lists the permissions that their calls needed."""

    def __init__(
        self,
        table_prefix: str,
        mail_domain: str = "example.com",
        *,
        function: Callable[[], str | None] = current_function,
        is_revoked: Callable[[str, str], bool] = lambda function, action: False,  # noqa: ARG005
    ) -> None:
        """`is_revoked` says whether a function lacks the right to an action although its policy allows the action."""
        self._function = function
        self._is_revoked = is_revoked
        self._arns = {
            **{tables.logical_id(name): table_arn(table_prefix + name) for name in _table_names()},
            **{queue_id(name): queue_arn(name) for name in (*ALL_QUEUES, *map(dead_letter_name, CONSUMED))},
            VAULT_KEY: key_arn(KEY_ID),
        }
        self._parameters = {**PARAMETERS, "MailIdentity": mail_domain}
        self.allowed: Mapping[str, frozenset[Permission]] = {
            name: frozenset(self._permissions(rights(name))) for name in GRANTS
        }
        self.used: set[tuple[str, Permission]] = set()

    def watch(self, session: Any) -> None:
        """Check each call of the clients that the botocore session creates from now on."""
        session.get_component("event_emitter").register("before-parameter-build", self._check)

    def require(self, action: str, resource: str, operation: str = "") -> None:
        """Raises botocore's ClientError unless the policy of the running function allows the action."""
        function = self._function()
        if function is not None:
            self._require(function, action, resource, operation)

    def _require(self, function: str, action: str, resource: str, operation: str) -> None:
        if (action, resource) not in self.allowed[function] or self._is_revoked(function, action):
            raise access_denied(function, action, resource, operation)
        self.used.add((function, (action, resource)))

    def all_rights(self) -> set[tuple[str, Permission]]:
        """Every permission of every function, without what Lambda itself needs at the queue of a consumer."""
        return {
            (name, (action, resource))
            for name, permissions in self.allowed.items()
            for action, resource in permissions
            if action.removeprefix("sqs:") not in RECEIVING
        }

    def _check(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        function = self._function()
        if function is not None:
            for action, resource in permissions_for(model.service_model.service_name, model.name, params):
                self._require(function, action, resource, model.name)

    def resolved(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """A policy document with ARNs in place of CloudFormation's references."""
        statements = [
            {**statement, "Resource": [self._arn(resource) for resource in statement["Resource"]]}
            for statement in document["Statement"]
        ]
        return {**document, "Statement": statements}

    def _permissions(self, document: Mapping[str, Any]) -> Iterator[Permission]:
        for statement in self.resolved(document)["Statement"]:
            for action in statement["Action"]:
                for resource in statement["Resource"]:
                    yield action, resource

    def _arn(self, resource: Mapping[str, Any]) -> str:
        """The ARN of a resource of a policy, as CloudFormation resolves it."""
        if "Fn::GetAtt" in resource:
            return self._arns[resource["Fn::GetAtt"][0]]
        return REFERENCE.sub(
            lambda match: self._arns[match[1]] if match[2] else self._parameters[match[1]], resource["Fn::Sub"]
        )


def access_denied(function: str, action: str, resource: str, operation: str) -> ClientError:
    """IAM's refusal, as botocore raises it."""
    code = "AccessDenied" if action.startswith("sqs:") else "AccessDeniedException"
    message = (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{function}Role/{function} is not authorized to perform: {action}"
        f" on resource: {resource} because no identity-based policy allows the {action} action"
    )
    metadata: Any = {"HTTPStatusCode": 400, "RetryAttempts": 0}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, operation)


def permissions_for(service: str, operation: str, params: Mapping[str, Any]) -> list[Permission]:
    """The permissions that a call of an AWS service needs, and those of the look-up that follows a lost answer.

    Raises LookupError for a service that no policy names.
    """
    if service == "dynamodb":
        return list(_of_dynamodb(operation, params))
    if service == "sqs":
        name = str(params["QueueUrl"]).rpartition("/")[2]
        return [(f"sqs:{SQS_ACTIONS.get(operation, operation)}", queue_arn(name))]
    if service == "kms":
        return [(f"kms:{operation}", key_arn(params["KeyId"]))]
    if service == "ssm":
        return [(f"ssm:{operation}", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{params['Name'].lstrip('/')}")]
    if service == "logs":
        return [(f"logs:{operation}", log_group_arn(params["logGroupName"]))]
    if service == "sesv2":
        return [(f"ses:{operation}", identity_arn(parseaddr(params["FromEmailAddress"])[1].partition("@")[2]))]
    raise LookupError(f"no policy names the service {service}")


def _of_dynamodb(operation: str, params: Mapping[str, Any]) -> Iterator[Permission]:
    if operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            for kind, content in item.items():
                table = table_arn(content["TableName"])
                yield f"dynamodb:{TRANSACTION_ACTIONS[kind]}", table
                if kind in ("Put", "Update"):
                    # `Transaction.was_committed` looks for the write
                    yield "dynamodb:BatchGetItem", table
    elif "RequestItems" in params:
        for name in params["RequestItems"]:
            yield f"dynamodb:{operation}", table_arn(name)
    else:
        index = f"/index/{params['IndexName']}" if params.get("IndexName") else ""
        yield f"dynamodb:{operation}", table_arn(params["TableName"]) + index
        if operation in CONDITIONAL and params.get("ConditionExpression"):
            # a conditional write that was sent twice looks for its row
            yield "dynamodb:GetItem", table_arn(params["TableName"])


def table_arn(name: str) -> str:
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def queue_arn(name: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def key_arn(key_id: str) -> str:
    return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key_id}"


LOG_GROUP = LOG_GROUP_NAME.replace("${AWS::StackName}", "bijuli")
"""The name of the log group in the sandbox and in tests."""


def log_group_arn(name: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*"


def identity_arn(identity: str) -> str:
    return f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{identity}"


def _table_names() -> list[str]:
    return [tables.unprefixed_name(model) for model in ROW_TYPES]
