"""What the engine of the tests refuses and promises, as DynamoDB does."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.aws.aws_account import REGION
from tests.engines.memory_tables import MemoryTables
from tests.infra.engine_requests import SCHEMA, TABLE
from tests.infra.engines import number_value, text_value


@pytest.fixture
def client() -> Any:
    """A client of an empty table."""
    made: Any = MemoryTables().session.create_client("dynamodb", region_name=REGION)
    made.create_table(TableName=TABLE, BillingMode="PAY_PER_REQUEST", **SCHEMA)
    return made


def rows_of(client: Any) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True) for item in client.scan(TableName=TABLE)["Items"])


def test_pages_of_any_size_give_every_row_once(client: Any) -> None:
    for owner in "xyz":
        for at in range(5):
            client.put_item(TableName=TABLE, Item={"owner": text_value(owner), "at": number_value(at)})
    whole = rows_of(client)
    for limit in (1, 2, 5, 15, 16):
        segments = [
            client.get_paginator("scan").paginate(TableName=TABLE, Limit=limit, Segment=segment, TotalSegments=3)
            for segment in range(3)
        ]
        found = [item for pages in segments for page in pages for item in page["Items"]]
        assert sorted(json.dumps(item, sort_keys=True) for item in found) == whole
        backwards = client.get_paginator("query").paginate(
            TableName=TABLE,
            Limit=limit,
            KeyConditionExpression="owner = :o",
            ExpressionAttributeValues={":o": text_value("y")},
            ScanIndexForward=False,
        )
        assert [item["at"]["N"] for page in backwards for item in page["Items"]] == ["4", "3", "2", "1", "0"]


KEY = {"owner": text_value("x"), "at": number_value(1)}
REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "an empty key": ("get_item", {"Key": {**KEY, "owner": text_value("")}}),
    "a long key": ("get_item", {"Key": {**KEY, "owner": text_value("x" * 2049)}}),
    "half a key": ("get_item", {"Key": {"owner": text_value("x")}}),
    "a key of another type": ("put_item", {"Item": {**KEY, "at": text_value("1")}}),
    "an index key of another type": ("put_item", {"Item": {**KEY, "shard": number_value(1)}}),
    "an empty set": ("put_item", {"Item": {**KEY, "tags": {"SS": []}}}),
    "a number of 39 digits": ("put_item", {"Item": {**KEY, "n": {"N": "1" * 39}}}),
    "a number too near to zero": ("put_item", {"Item": {**KEY, "n": {"N": "1e-131"}}}),
    "an item of 400 KB": ("put_item", {"Item": {**KEY, "text": text_value("x" * 400 * 1024)}}),
    "an unused value": ("delete_item", {"Key": KEY, "ExpressionAttributeValues": {":x": number_value(1)}}),
    "a change of a key": (
        "update_item",
        {"Key": KEY, "UpdateExpression": "SET at = :x", "ExpressionAttributeValues": {":x": number_value(2)}},
    ),
    "one place twice": (
        "update_item",
        {"Key": KEY, "UpdateExpression": "SET n = :x, n = :x", "ExpressionAttributeValues": {":x": number_value(2)}},
    ),
    "an increment of nothing": (
        "update_item",
        {"Key": KEY, "UpdateExpression": "SET n = n + :x", "ExpressionAttributeValues": {":x": number_value(2)}},
    ),
    "a query without a partition": (
        "query",
        {"KeyConditionExpression": "at = :x", "ExpressionAttributeValues": {":x": number_value(2)}},
    ),
    "a query of no index": (
        "query",
        {
            "IndexName": "none",
            "KeyConditionExpression": "owner = :x",
            "ExpressionAttributeValues": {":x": text_value("x")},
        },
    ),
}


@pytest.mark.parametrize(("operation", "params"), REFUSED.values(), ids=REFUSED.keys())
def test_what_dynamodb_refuses_is_refused(client: Any, operation: str, params: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        getattr(client, operation)(TableName=TABLE, **params)
    assert rows_of(client) == []


def test_a_token_takes_effect_once(client: Any) -> None:
    add = {
        "TableName": TABLE,
        "Key": KEY,
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": number_value(1)},
    }
    for _ in range(2):
        client.transact_write_items(TransactItems=[{"Update": add}], ClientRequestToken="once")
    assert client.get_item(TableName=TABLE, Key=KEY)["Item"]["n"] == number_value(1)
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        client.transact_write_items(
            TransactItems=[{"Delete": {"TableName": TABLE, "Key": KEY}}], ClientRequestToken="once"
        )
