"""The engine under many callers: each acknowledged write took effect once, and no other write did."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.engines import CALLERS, ENGINES, number_value, run_concurrently, running, text_value

pytestmark = pytest.mark.races
TABLE = "race"
ROUNDS = 12
ACCOUNTS = 6
OPENING_BALANCE = 1_000


@pytest.fixture(scope="module", params=ENGINES)
def started_engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    with running(request.param) as cloud:
        yield cloud.client("dynamodb")


@pytest.fixture
def engine(started_engine: Any) -> Iterator[Any]:
    """A client of the engine, with an empty table."""
    started_engine.create_table(
        TableName=TABLE,
        KeySchema=[
            {"AttributeName": "kind", "KeyType": "HASH"},
            {"AttributeName": "name", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "kind", "AttributeType": "S"},
            {"AttributeName": "name", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    yield started_engine
    started_engine.delete_table(TableName=TABLE)


def key(kind: str, name: object) -> dict[str, Any]:
    return {"kind": text_value(kind), "name": text_value(name)}


def read_item(engine: Any, kind: str, name: object) -> dict[str, Any]:
    item: dict[str, Any] = engine.get_item(TableName=TABLE, Key=key(kind, name), ConsistentRead=True)["Item"]
    return item


def read_amount(engine: Any, kind: str, name: object) -> int:
    return int(read_item(engine, kind, name)["amount"]["N"])


def put(kind: str, name: object, value: int, **put_args: Any) -> dict[str, Any]:
    return {"Put": {"TableName": TABLE, "Item": {**key(kind, name), "amount": number_value(value)}, **put_args}}


def change_balance(name: object, value: int) -> dict[str, Any]:
    """A change of an account whose balance must not fall below zero."""
    return {
        "Update": {
            "TableName": TABLE,
            "Key": key("account", name),
            "UpdateExpression": "ADD amount :change",
            "ConditionExpression": "amount >= :least",
            "ExpressionAttributeValues": {":change": number_value(value), ":least": number_value(max(0, -value))},
        }
    }


def commit(engine: Any, items: list[dict[str, Any]]) -> bool:
    """Commit the items in one transaction; False when it is cancelled. Raises for any error but a cancellation."""
    try:
        engine.transact_write_items(TransactItems=items)
    except engine.exceptions.TransactionCanceledException:
        return False
    return True


def read_rows(engine: Any, kind: str) -> list[dict[str, Any]]:
    pages = engine.get_paginator("query").paginate(
        TableName=TABLE,
        KeyConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": text_value(kind)},
        ConsistentRead=True,
    )
    return [item for page in pages for item in page["Items"]]


def test_a_counter_counts_every_caller(engine: Any) -> None:
    def count(_: int) -> None:
        for _ in range(ROUNDS):
            engine.update_item(
                TableName=TABLE,
                Key=key("counter", 1),
                UpdateExpression="ADD amount :one",
                ExpressionAttributeValues={":one": number_value(1)},
            )

    run_concurrently(CALLERS, count)
    assert read_amount(engine, "counter", 1) == CALLERS * ROUNDS


def test_one_of_all_readers_of_a_version_writes_the_next(engine: Any) -> None:
    commit(engine, [put("document", 1, 0)])
    for version in range(ROUNDS):
        condition = {
            "ConditionExpression": "amount = :seen",
            "ExpressionAttributeValues": {":seen": number_value(version)},
        }
        item = put("document", 1, version + 1, **condition)
        assert sum(run_concurrently(CALLERS, lambda _, item=item: commit(engine, [item]))) == 1  # type: ignore[misc]
    assert read_amount(engine, "document", 1) == ROUNDS


def test_a_put_of_an_absent_row_succeeds_once(engine: Any) -> None:
    def claim(caller: int) -> list[bool]:
        absent = {"ConditionExpression": "attribute_not_exists(kind)"}
        return [commit(engine, [put("claim", row, caller, **absent)]) for row in range(ROUNDS)]

    claims = run_concurrently(CALLERS, claim)
    for row in range(ROUNDS):
        (winner,) = [caller for caller, won in enumerate(claims) if won[row]]
        assert read_amount(engine, "claim", row) == winner


def test_transfers_keep_the_sum_and_are_all_in_the_ledger(engine: Any) -> None:
    for account in range(ACCOUNTS):
        commit(engine, [put("account", account, OPENING_BALANCE)])

    def transfer(caller: int) -> list[str]:
        transfer_names = []
        for turn in range(ROUNDS):
            payer, payee = (caller + turn) % ACCOUNTS, (caller * 3 + turn + 1) % ACCOUNTS
            name, value = f"{caller}-{turn}", 1 + (caller * ROUNDS + turn) % 400
            line = put("line", name, value, ConditionExpression="attribute_not_exists(kind)")
            if payer != payee and commit(engine, [change_balance(payer, -value), change_balance(payee, value), line]):
                transfer_names.append(name)
        return transfer_names

    acknowledged = {name for transfer_names in run_concurrently(CALLERS, transfer) for name in transfer_names}
    assert {row["name"]["S"] for row in read_rows(engine, "line")} == acknowledged
    balances = [int(row["amount"]["N"]) for row in read_rows(engine, "account")]
    assert sum(balances) == ACCOUNTS * OPENING_BALANCE
    assert min(balances) >= 0


def test_a_failed_transaction_undoes_no_other_write(engine: Any) -> None:
    """Rows that plain puts write at the same time stay in the same table."""

    def write(caller: int) -> int:
        failing_condition = {"ConditionExpression": "attribute_exists(nothing)"}
        if caller % 2:
            doomed_puts = [put("doomed", f"{caller}-{turn}", 1) for turn in range(ROUNDS)]
            return sum(commit(engine, [item, put("doomed", "gate", 1, **failing_condition)]) for item in doomed_puts)
        for turn in range(ROUNDS):
            item = {**key("plain", f"{caller}-{turn}"), "amount": number_value(turn)}
            engine.put_item(TableName=TABLE, Item=item)
        return ROUNDS

    acknowledged = run_concurrently(CALLERS, write)
    assert sum(acknowledged) == CALLERS // 2 * ROUNDS
    assert len(read_rows(engine, "plain")) == CALLERS // 2 * ROUNDS
    assert read_rows(engine, "doomed") == []


def test_a_failed_condition_names_its_item_and_the_old_row(engine: Any) -> None:
    commit(engine, [put("reason", 1, 41)])
    failing_condition = {
        "ConditionExpression": "amount = :wanted",
        "ExpressionAttributeValues": {":wanted": number_value(1)},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    with pytest.raises(engine.exceptions.TransactionCanceledException) as raised:
        engine.transact_write_items(TransactItems=[put("reason", 2, 1), put("reason", 1, 2, **failing_condition)])
    reasons = raised.value.response["CancellationReasons"]
    assert [item["Code"] for item in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"]["amount"] == number_value(41)
    assert [row["name"]["S"] for row in read_rows(engine, "reason")] == ["1"]


def test_a_transaction_repeated_with_its_token_takes_effect_once(engine: Any) -> None:
    commit(engine, [put("account", "token", OPENING_BALANCE)])
    for _ in range(3):
        engine.transact_write_items(TransactItems=[change_balance("token", 5)], ClientRequestToken="the-same-token")
    assert read_amount(engine, "account", "token") == OPENING_BALANCE + 5
    with pytest.raises(engine.exceptions.IdempotentParameterMismatchException):
        engine.transact_write_items(TransactItems=[change_balance("token", 6)], ClientRequestToken="the-same-token")
