"""Template, sandbox and tests have the same tables, which only the models describe."""

from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.tables.all_tables import ROW_TYPES
from chalicelib.tables.rows import Row
from infra.local.aws import cloud
from infra.queues import CONSUMED, dead_letter_name
from infra.tables import create_tables, logical_id, template_tables, unprefixed_name
from tests.infra.engines import running

PREFIX = "made-"
COMPARED_PARTS = ("KeySchema", "AttributeDefinitions")


@pytest.fixture(scope="module")
def up() -> Any:
    with running("moto") as created:
        yield created


def described(client: Any, name: str) -> dict[str, Any]:
    content: dict[str, Any] = client.describe_table(TableName=name)["Table"]
    return content


def indexes(table: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    return [
        (item["IndexName"], item["KeySchema"], item["Projection"])
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        for item in table.get(kind) or ()
    ]


def delete_tables(client: Any, models: Sequence[type[Row]]) -> None:
    for model in models:
        client.delete_table(TableName=PREFIX + unprefixed_name(model))


def test_a_created_table_equals_the_table_of_the_template(up: cloud.Cloud) -> None:
    client, template = up.client("dynamodb"), template_tables(ROW_TYPES, PREFIX)
    assert create_tables(ROW_TYPES, client, PREFIX) == len(ROW_TYPES)
    for model in ROW_TYPES:
        answer = template[logical_id(unprefixed_name(model))]["Properties"]
        made = described(client, answer["TableName"])
        assert {name: made[name] for name in COMPARED_PARTS} == {name: answer[name] for name in COMPARED_PARTS}
        assert indexes(made) == indexes(answer)
        ends = client.describe_time_to_live(TableName=answer["TableName"])["TimeToLiveDescription"]
        assert ends.get("AttributeName") == answer.get("TimeToLiveSpecification", {}).get("AttributeName")
    delete_tables(client, ROW_TYPES)


def test_existing_tables_keep_their_rows(up: cloud.Cloud) -> None:
    client, model = up.client("dynamodb"), ROW_TYPES[0]
    assert create_tables([model], client, PREFIX) == 1
    client.put_item(TableName=PREFIX + unprefixed_name(model), Item={"user_id": {"S": "u1"}})
    assert create_tables([model], client, PREFIX) == 0
    assert described(client, PREFIX + unprefixed_name(model))["ItemCount"] == 1
    delete_tables(client, [model])


def test_tables_are_retained_when_the_stack_is_deleted() -> None:
    for table in template_tables(ROW_TYPES, PREFIX).values():
        assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
        properties = table["Properties"]
        assert properties["BillingMode"] == "PAY_PER_REQUEST"
        assert properties["DeletionProtectionEnabled"]
        assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        assert properties["SSESpecification"]["SSEEnabled"]


def test_a_message_that_fails_eight_times_is_in_the_dead_letter_queue(up: cloud.Cloud) -> None:
    sqs = up.client("sqs")
    for queue in CONSUMED:
        url = up.queue_url_prefix + queue
        sqs.send_message(QueueUrl=url, MessageBody="bad luck")
        for _ in range(8):
            (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
            again = {"QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"]}
            sqs.change_message_visibility(**again, VisibilityTimeout=0)
        assert "Messages" not in sqs.receive_message(QueueUrl=url)
        (dead_message,) = sqs.receive_message(QueueUrl=up.queue_url_prefix + dead_letter_name(queue))["Messages"]
        assert dead_message["Body"] == "bad luck"
