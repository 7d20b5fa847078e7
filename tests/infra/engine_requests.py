"""Random requests to a table with an index, for two engines of DynamoDB."""

import random
from collections.abc import Callable
from typing import Any

from tests.infra.engines import number_value, text_value

TABLE = "compared"
SCHEMA: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "owner", "AttributeType": "S"},
        {"AttributeName": "at", "AttributeType": "N"},
        {"AttributeName": "shard", "AttributeType": "S"},
        {"AttributeName": "due", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "waiting",
            "KeySchema": [
                {"AttributeName": "shard", "KeyType": "HASH"},
                {"AttributeName": "due", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
}
NAMES = {"#v": "version", "#n": "note", "#o": "owner", "#c": "counts", "#k": "k", "#due": "due"}
CONDITIONS = (
    "attribute_not_exists (#o)",
    "attribute_exists (#o)",
    "#v = :one",
    "#v <> :one AND #v <= :two",
    "(attribute_not_exists (#v) OR #v < :two)",
    "#v BETWEEN :one AND :two",
    "#n IN (:a, :b)",
    "NOT contains (#n, :a)",
    "begins_with (#n, :a) OR #v > :one",
    "#c.#k >= :one",
)
UPDATES = (
    "SET #v = :one, #n = :a",
    "SET #v = #v + :one",
    "ADD #v :two",
    "REMOVE #n, #due",
    "SET #n = if_not_exists (#n, :b) ADD #v :one",
    "SET #c.#k = #c.#k + :one",
    "SET #v = :two REMOVE #c",
)
VALUES = {":one": number_value(1), ":two": number_value(2), ":a": text_value("a"), ":b": text_value("ab")}


def with_placeholders(params: dict[str, Any], *expressions: str) -> dict[str, Any]:
    """The request with the placeholders that its expressions use."""
    words = set(" ".join(expressions).replace(",", " ").replace("(", " ").replace(")", " ").replace(".", " ").split())
    names = {name: NAMES[name] for name in NAMES if name in words}
    values = {name: VALUES[name] for name in VALUES if name in words}
    return {
        **params,
        **({"ExpressionAttributeNames": names} if names else {}),
        **({"ExpressionAttributeValues": values} if values else {}),
    }


class Requests:
    """Requests drawn by a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def key(self) -> dict[str, Any]:
        return {"owner": text_value(self._random.choice("xyz")), "at": number_value(self._random.randrange(4))}

    def put(self) -> dict[str, Any]:
        item = {**self.key(), "version": number_value(self._random.randrange(3))}
        if self._random.random() < 0.6:
            item |= {"shard": text_value(self._random.choice("01")), "due": text_value(self._random.randrange(3))}
        if self._random.random() < 0.5:
            item |= {
                "counts": {"M": {"k": number_value(1)}},
                "note": text_value(self._random.choice(("a", "ab", "b"))),
            }
        return self._maybe_if({"TableName": TABLE, "Item": item})

    def update(self) -> dict[str, Any]:
        text = self._random.choice(UPDATES)
        return self._maybe_if({"TableName": TABLE, "Key": self.key(), "UpdateExpression": text}, text)

    def delete(self) -> dict[str, Any]:
        return self._maybe_if({"TableName": TABLE, "Key": self.key()})

    def transaction(self) -> dict[str, Any]:
        kinds = {"Put": self.put, "Update": self.update, "Delete": self.delete}
        chosen = [self._random.choice([*kinds]) for _ in range(self._random.randint(1, 3))]
        return {"TransactItems": [{kind: kinds[kind]()} for kind in chosen]}

    def query(self) -> dict[str, Any]:
        params: dict[str, Any] = {"TableName": TABLE, "ScanIndexForward": self._random.random() < 0.5}
        comparison = self._random.choice(("= :at", "<= :at", "> :at", "BETWEEN :at AND :to"))
        values = {":at": number_value(self._random.randrange(4)), ":to": number_value(3)}
        used = {name: value for name, value in values.items() if name in comparison}
        return params | {
            "KeyConditionExpression": f"(#o = :o AND #at {comparison})",
            "ExpressionAttributeNames": {"#o": "owner", "#at": "at"},
            "ExpressionAttributeValues": {":o": text_value(self._random.choice("xyz")), **used},
        }

    def waiting(self) -> dict[str, Any]:
        return {
            "TableName": TABLE,
            "IndexName": "waiting",
            "KeyConditionExpression": "#shard = :s AND #due <= :due",
            "ExpressionAttributeNames": {"#shard": "shard", "#due": "due"},
            "ExpressionAttributeValues": {":s": text_value(self._random.choice("01")), ":due": text_value(1)},
        }

    def request(self) -> tuple[str, dict[str, Any]]:
        kinds: dict[str, Callable[[], dict[str, Any]]] = {
            "put_item": self.put,
            "update_item": lambda: {**self.update(), "ReturnValues": "ALL_NEW"},
            "delete_item": lambda: {**self.delete(), "ReturnValues": "ALL_OLD"},
            "transact_write_items": self.transaction,
            "query": self._random.choice((self.query, self.waiting)),
        }
        kind = self._random.choice([*kinds])
        return kind, kinds[kind]()

    def _maybe_if(self, params: dict[str, Any], *expressions: str) -> dict[str, Any]:
        if self._random.random() < 0.5:
            return with_placeholders(params, *expressions)
        text = self._random.choice(CONDITIONS)
        return with_placeholders(params | {"ConditionExpression": text}, text, *expressions)
