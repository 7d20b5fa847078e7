"""Rows are read and written as PynamoDB does it."""

from typing import Any

import pytest
from pynamodb.exceptions import AttributeNullError
from pynamodb.models import Model

from chalicelib.tables.accounts import AccountRow
from chalicelib.tables.all_tables import ROW_TYPES
from chalicelib.tables.rows import Row
from tests.scenarios.full_day import FullDay
from tests.world.network import Network


def stored_items(model: type[Row], client: Any) -> list[dict[str, Any]]:
    """The rows of a table as DynamoDB gives them."""
    return [
        item
        for page in client.get_paginator("scan").paginate(TableName=model.Meta.table_name)
        for item in page["Items"]
    ]


def read_by_pynamodb(model: type[Row], item: dict[str, Any]) -> Any:
    row = model(_user_instantiated=False)
    Model.deserialize(row, item)
    return row


@pytest.mark.long
def test_each_row_of_a_full_day_is_read_and_written_as_pynamodb_does(network: Network, tables: Any) -> None:
    FullDay(network).run()
    written = set()
    for model in ROW_TYPES:
        for item in stored_items(model, tables):
            row = model.from_raw_data(item)
            assert row.attribute_values == read_by_pynamodb(model, item).attribute_values
            assert row.serialize() == Model.serialize(row)
            written.add(model)
    assert len(written) > len(ROW_TYPES) // 2


def test_a_row_without_a_needed_attribute_is_not_written() -> None:
    row = AccountRow("u")
    with pytest.raises(AttributeNullError):
        Model.serialize(row)
    with pytest.raises(AttributeNullError):
        row.serialize()
    assert row.serialize(null_check=False) == Model.serialize(row, null_check=False)
