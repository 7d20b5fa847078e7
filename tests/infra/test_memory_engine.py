"""The engine of the tests beside dynoxide: the same requests have the same answers and leave the same rows."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local import dynoxide
from infra.local.aws.aws_account import REGION
from tests.engines.dynoxide_tables import DynoxideTables
from tests.engines.memory_tables import MemoryTables
from tests.infra.engine_requests import SCHEMA, TABLE, Requests

REQUESTS = 700


@pytest.fixture
def clients() -> Iterator[tuple[Any, Any]]:
    """A client of each, with an empty table. `python -m infra.local.dynoxide` fetches dynoxide."""
    if dynoxide.find_executable() is None:
        pytest.skip("dynoxide is not here")
    ours, theirs = MemoryTables(), DynoxideTables()
    made: list[Any] = [engine.session.create_client("dynamodb", region_name=REGION) for engine in (ours, theirs)]
    for client in made:
        client.create_table(TableName=TABLE, BillingMode="PAY_PER_REQUEST", **SCHEMA)
    yield made[0], made[1]
    theirs.close()


def answer_of(client: Any, operation: str, params: dict[str, Any]) -> object:
    """What counts of an answer: items, attributes, the code of an error and the codes of its reasons."""
    try:
        answer = getattr(client, operation)(**params)
    except ClientError as error:
        reasons: Any = error.response.get("CancellationReasons", [])
        codes = [reason["Code"] for reason in reasons]
        # dynoxide refuses the whole request for an update that makes no sense for the item that is there
        return ("ValidationException", []) if "ValidationError" in codes else (error.response["Error"]["Code"], codes)
    items = answer.get("Items")
    if items is not None and "IndexName" in params:
        # rows that are due at one time come in any order
        items = sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    return items, answer.get("Attributes")


def rows_of(client: Any) -> list[str]:
    return sorted(json.dumps(item, sort_keys=True) for item in client.scan(TableName=TABLE)["Items"])


def test_random_requests_have_the_same_answers(clients: tuple[Any, Any]) -> None:
    ours, theirs = clients
    requests = Requests(int(os.environ["BIJULI_TEST_SEED"]))
    refused = 0
    for number in range(REQUESTS):
        operation, params = requests.request()
        answers = [answer_of(client, operation, params) for client in (ours, theirs)]
        assert answers[0] == answers[1], (number, operation, params)
        refused += isinstance(answers[0], tuple) and isinstance(answers[0][0], str)
        if number % 20 == 0:
            assert rows_of(ours) == rows_of(theirs), (number, operation, params)
    assert rows_of(ours) == rows_of(theirs)
    assert REQUESTS / 10 < refused < REQUESTS * 0.9
