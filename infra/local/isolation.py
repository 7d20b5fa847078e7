"""Makes moto's DynamoDB fit for races: one caller at a time, transactions that put back only what they touched."""

import copy
import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

TOKEN_LIVES_SECONDS = 600
Touched = list[tuple[Any, Any, Any, Any]]
"""Table, hash key, range key, and a copy of the item as it was (None where there was none)."""


class TokenReused(MockValidationException):
    """A ClientRequestToken came back with another transaction."""

    def __init__(self) -> None:
        super().__init__("The token was used with other parameters.")
        name = "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException"
        self.error_type = self.code = name
        self.description = json.dumps({"__type": name, "message": self.message})


class Tokens:
    """The transactions that took effect within ten minutes, by their ClientRequestToken."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._done: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def seen(self, token: str, content: str) -> bool:
        """Whether this very transaction is done already. Raises TokenReused."""
        while self._done and next(iter(self._done.values()))[0] < self._now() - TOKEN_LIVES_SECONDS:
            self._done.popitem(last=False)
        if token not in self._done:
            return False
        if self._done[token][1] != content:
            raise TokenReused
        return True

    def keep(self, token: str, content: str) -> None:
        self._done[token] = (self._now(), content)


class Forgetful(list[Any]):
    """Where moto notes every object it ever made, for its dashboard: a sandbox can't afford it."""

    def append(self, made: Any) -> None:
        """Left out."""


def isolate() -> None:
    """Changes moto 5.2.5 in this process; requests must still come one at a time (`OneAtATime`)."""
    # moto copies whole tables before a transaction and puts the copies back when it fails; that costs more with
    # every row, so its copy is the table itself and the touched items are put back here
    Table.__deepcopy__ = lambda self, memo: self  # type: ignore[attr-defined]
    Item.instances_tracked = Forgetful()  # type: ignore[attr-defined]
    DynamoDBBackend.transact_write_items = _all_or_nothing(DynamoDBBackend.transact_write_items)
    DynamoHandler.transact_write_items = _once(DynamoHandler.transact_write_items, Tokens())
    Table.query = _within_partition(Table.query)


def _all_or_nothing(write: Callable[..., None]) -> Callable[..., None]:
    def transact(backend: Any, transact_items: list[dict[str, Any]]) -> None:
        before = _touched(backend, transact_items)
        try:
            write(backend, transact_items)
        except BaseException:
            for table, hash_key, range_key, item in before:
                _put_back(table, hash_key, range_key, item)
            raise

    return transact


def _touched(backend: Any, transact_items: list[dict[str, Any]]) -> Touched:
    found: Touched = []
    for one in transact_items:
        kind, content = next(iter(one.items()))
        if kind == "ConditionCheck":
            continue
        table = backend.get_table(content["TableName"])
        hash_key, range_key = backend.get_keys_value(table, content["Item" if kind == "Put" else "Key"])
        found.append((table, hash_key, range_key, copy.deepcopy(table.get_item(hash_key, range_key))))
    return found


def _put_back(table: Any, hash_key: Any, range_key: Any, item: Any) -> None:
    if item is None:
        table.delete_item(hash_key, range_key)
    elif range_key is None:
        table.items[hash_key] = item
    else:
        table.items[hash_key][range_key] = item


def _once(write: Callable[..., Any], tokens: Tokens) -> Callable[..., Any]:
    def transact(handler: Any) -> Any:
        token = handler.body.get("ClientRequestToken") or ""
        content = json.dumps(handler.body["TransactItems"], sort_keys=True, default=str)
        if token and tokens.seen(token, content):
            return ActionResult({"ConsumedCapacity": [], "ItemCollectionMetrics": {}})
        answer = write(handler)
        if token:
            tokens.keep(token, content)
        return answer

    return transact


def _within_partition(query: Callable[..., Any]) -> Callable[..., Any]:
    """moto reads the whole table for every query; one of the table itself needs its own partition only."""

    def narrowed(table: Any, hash_key: Any, *args: Any, index_name: str | None = None, **kwargs: Any) -> Any:
        if index_name is None and len(args) <= INDEX_NAME_AT and hash_key in table.items:
            view = copy.copy(table)
            view.items = {hash_key: table.items[hash_key]}
            return query(view, hash_key, *args, **kwargs)
        return query(table, hash_key, *args, **({"index_name": index_name} if index_name else {}), **kwargs)

    return narrowed


class OneAtATime:
    """A WSGI app whose requests run one after another; a receive that waits lets others in meanwhile."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._free = threading.Condition()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with self._free:
            return [b"".join(self._app(environ, start_response))]
