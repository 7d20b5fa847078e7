"""Binary attributes come back from both engines as they were written."""

import pytest

from tests.infra.engines import ENGINES, running
from tests.infra.engines import text_value as text

CONTENT = bytes(range(256))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_binary_attribute_is_read_as_it_was_written(engine: str) -> None:
    with running(engine) as cloud:
        client = cloud.client("dynamodb")
        client.create_table(
            TableName="binary",
            KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "name", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        key = {"name": text("page")}
        client.put_item(TableName="binary", Item={**key, "content": {"B": CONTENT}})
        batch = client.batch_get_item(RequestItems={"binary": {"Keys": [key]}})["Responses"]["binary"]
        items = [client.get_item(TableName="binary", Key=key)["Item"], *batch]
    assert [item["content"] for item in items] == [{"B": CONTENT}] * 2
