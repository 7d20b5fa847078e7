"""All of moto's rows, in one answer; all messages of its queues, read and replaced."""

import time
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import Message, sqs_backends

from infra.local.aws.aws_account import ACCOUNT, REGION

COPIED = ("message_attributes", "system_attributes", "sent_timestamp", "approximate_first_receive_timestamp")


def all_rows() -> dict[str, list[dict[str, Any]]]:
    """The rows of each table, as DynamoDB's JSON with binary values as bytes."""
    tables = dynamodb_backends[ACCOUNT][REGION].tables
    return {name: [item.to_json()["Attributes"] for item in table.all_items()] for name, table in tables.items()}


def all_messages() -> dict[str, list[dict[str, Any]]]:
    """The messages of each queue. `invisible` and `delayed` are the seconds that are left."""
    return {name: [_message(message) for message in queue._messages] for name, queue in _queues().items()}


def replace_messages(content: dict[str, list[dict[str, Any]]]) -> None:
    """Put these messages into the queues, and take out all others. Raises LookupError for an unknown queue."""
    queues = _queues()
    made = {queues[name]: [_made(item) for item in messages] for name, messages in content.items()}
    for queue in queues.values():
        queue._messages = made.get(queue, [])
        queue._pending_messages = set()
        queue.deleted_messages = set()


def _queues() -> dict[str, Any]:
    return {queue.name: queue for queue in sqs_backends[ACCOUNT][REGION].queues.values()}


def _message(message: Any) -> dict[str, Any]:
    now = time.time() * 1000
    return {
        "id": message.id,
        "body": message.body,
        "receipt": message.receipt_handle,
        "received_count": message.approximate_receive_count,
        "invisible": max(0.0, message.visible_at - now) / 1000,
        "delayed": max(0.0, message.delayed_until - now) / 1000,
        **{name: getattr(message, name) for name in COPIED},
    }


def _made(item: dict[str, Any]) -> Any:
    now = time.time() * 1000
    message: Any = Message(item["id"], item["body"])
    message.receipt_handle = item["receipt"]
    message.approximate_receive_count = item["received_count"]
    message.visible_at, message.delayed_until = now + item["invisible"] * 1000, now + item["delayed"] * 1000
    for name in COPIED:
        setattr(message, name, item[name])
    return message
