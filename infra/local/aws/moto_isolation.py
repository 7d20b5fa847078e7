"""Makes moto's DynamoDB and SQS fit for many callers: one at a time, and transactions that undo what they did."""

import base64
import copy
import json
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from moto.core.common_models import BaseModel
from moto.core.responses import ActionResult
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.exceptions import DynamodbException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.sqs.models import SQSBackend

TOKEN_TTL_SECONDS = 600
INDEX_NAME = 6
"""The position of the index among the arguments of `Table.query`, after the hash key."""
CONDITIONS = 64
"""How many parsed conditions are remembered. One transaction has fewer."""
SMALL_BYTES = 1_000
ABOUT_ROWS = {"BatchGetItem", "GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}
SLICE_SECONDS = 0.5
"""How often a waiting receive looks for messages. A message whose visibility time-out ends notifies no receive."""


class TokenReused(DynamodbException):
    """A ClientRequestToken came back with another transaction."""

    def __init__(self) -> None:
        kind = "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException"
        super().__init__(kind, "The token was used with other parameters.")


class RequestTokens:
    """The transactions that took effect within ten minutes, by their ClientRequestToken."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._effects: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def took_effect(self, token: str, content: str) -> bool:
        """Whether this transaction took effect before. Raises TokenReused when another transaction used the token."""
        while self._effects and next(iter(self._effects.values()))[0] < self._now() - TOKEN_TTL_SECONDS:
            self._effects.popitem(last=False)
        if token not in self._effects:
            return False
        if self._effects[token][1] != content:
            raise TokenReused
        return True

    def store(self, token: str, content: str) -> None:
        self._effects[token] = (self._now(), content)


class OneAtATime:
    """A WSGI app that runs one request at a time. While a receive waits for a message, it runs others."""

    def __init__(self, app: Callable[..., Iterable[bytes]], turn: threading.Condition) -> None:
        self._app = app
        self._turn = turn

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with self._turn:
            try:
                return [b"".join(self._app(environ, start_response))]
            except Exception:  # noqa: BLE001  the engine outlives a request it can't serve; the caller gets a 500
                traceback.print_exc()
                start_response("500 Internal Server Error", [("Content-Type", "application/x-amz-json-1.0")])
                return [b'{"__type":"InternalServerError"}']
            finally:
                if "AmazonSQS.Send" in environ.get("HTTP_X_AMZ_TARGET", ""):
                    self._turn.notify_all()


def isolate(turn: threading.Condition) -> None:
    """Changes moto 5.2.5 in this process, whose requests take `turn` (`OneAtATime`)."""
    isolate_tables()
    SQSBackend.receive_message = _waiting_aside(SQSBackend.receive_message, turn)  # type: ignore[method-assign]


def isolate_tables() -> None:
    """Changes moto's DynamoDB in this process; its callers come one at a time."""
    # moto notes every object it ever made, for its dashboard: memory would only grow
    BaseModel.__new__ = lambda cls, *_, **__: object.__new__(cls)  # type: ignore[method-assign]
    # moto copies whole tables before a transaction and puts them back when it fails, at a cost that grows with
    # every row: its copy becomes the table itself, and what was touched is undone here
    Table.__deepcopy__ = lambda self, _: self  # type: ignore[attr-defined]
    ConditionExpressionParser.parse = _parsed_once(ConditionExpressionParser.parse)  # type: ignore[method-assign]
    LimitedSizeDict.__setitem__ = _measured_when_large(LimitedSizeDict.__setitem__)  # type: ignore[method-assign]
    DynamoDBBackend.transact_write_items = _all_or_nothing(DynamoDBBackend.transact_write_items)  # type: ignore[method-assign]
    DynamoHandler.transact_write_items = _once(DynamoHandler.transact_write_items, RequestTokens())  # type: ignore[method-assign]
    DynamoHandler.serialized = _written_plainly(DynamoHandler.serialized)  # type: ignore[method-assign]
    Table.query = _within_partition(Table.query)  # type: ignore[method-assign]
    DynamoType.cast_value = property(_text_first(DynamoType.cast_value.fget))  # type: ignore[assignment, method-assign, attr-defined]


def _parsed_once(parse: Callable[..., Any]) -> Callable[..., Any]:
    """Parses each condition once. moto parses the condition of a write three times, and compiles a pattern for every
    token."""
    results: OrderedDict[str, tuple[Any, list[str], list[str]]] = OrderedDict()

    def remembered(parser: Any) -> Any:
        names, values = parser.expression_attribute_names, parser.expression_attribute_values
        content = repr((parser.condition_expression, names, values))
        if content not in results:
            results[content] = parse(parser), parser.expr_attr_names_found, parser.expr_attr_values_found
            if len(results) > CONDITIONS:
                results.popitem(last=False)
        condition, names_found, values_found = results[content]
        parser.expr_attr_names_found, parser.expr_attr_values_found = list(names_found), list(values_found)
        return condition

    return remembered


def _written_plainly(serialized: Callable[..., Any]) -> Callable[..., Any]:
    """Writes results with rows as plain JSON. moto serialises them by botocore's model, which is its slowest step."""

    def answer(handler: Any, action: ActionResult) -> Any:
        operation = handler.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if operation not in ABOUT_ROWS or isinstance(action.result, Exception):
            return serialized(handler, action)
        return 200, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(action.result, default=base64_text)

    return answer


def base64_text(value: bytes) -> str:
    """A binary attribute as base64, as DynamoDB sends it."""
    return base64.b64encode(value).decode()


def _measured_when_large(put: Callable[[Any, str, Any], None]) -> Callable[[Any, str, Any], None]:
    """Checks the size of an item only for its large attributes. moto sums up the whole item for each attribute."""

    def set_item(item: Any, name: str, value: Any) -> None:
        content = getattr(value, "value", value)
        size = len(content) if isinstance(content, str) else DynamoType.size(value)
        if size < SMALL_BYTES:
            dict.__setitem__(item, name, value)
        else:
            put(item, name, value)

    return set_item


def _all_or_nothing(write: Callable[..., None]) -> Callable[..., None]:
    def transact(backend: Any, transact_items: list[dict[str, Any]]) -> None:
        before = [_as_it_is(backend, item) for item in transact_items]
        try:
            write(backend, transact_items)
        except BaseException:
            # Ctrl-C is no Exception, and must undo half of a transaction too.
            for table, hash_key, range_key, item in before:
                _put_back(table, hash_key, range_key, item)
            raise

    return transact


def _as_it_is(backend: Any, row: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    """Table, hash key, range key, and the stored item or None. The item of an update is a copy, since moto changes it
    in place."""
    kind, content = next(iter(row.items()))
    table = backend.get_table(content["TableName"])
    hash_key, range_key = backend.get_keys_value(table, content["Item" if kind == "Put" else "Key"])
    item = table.get_item(hash_key, range_key)
    return table, hash_key, range_key, copy.deepcopy(item) if kind == "Update" else item


def _put_back(table: Any, hash_key: Any, range_key: Any, item: Any) -> None:
    if item is None:
        table.delete_item(hash_key, range_key)
    elif range_key is None:
        table.items[hash_key] = item
    else:
        table.items[hash_key][range_key] = item


def _once(write: Callable[..., Any], tokens: RequestTokens) -> Callable[..., Any]:
    def transact(handler: Any) -> Any:
        token = handler.body.get("ClientRequestToken") or ""
        content = repr(handler.body["TransactItems"])
        if token and tokens.took_effect(token, content):
            return ActionResult({"ConsumedCapacity": [], "ItemCollectionMetrics": {}})
        answer = write(handler)
        if token:
            tokens.store(token, content)
        return answer

    return transact


def _within_partition(query: Callable[..., Any]) -> Callable[..., Any]:
    """Queries one partition of a table. moto reads the whole table for each query."""

    def narrowed(table: Any, hash_key: Any, *args: Any, **kwargs: Any) -> Any:
        if args[INDEX_NAME] is None and hash_key in table.items:
            whole, table = table, copy.copy(table)
            table.items = {hash_key: whole.items[hash_key]}
        return query(table, hash_key, *args, **kwargs)

    return narrowed


def _text_first(cast: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns text at once. moto checks six other types of a key before it takes the key as text."""
    return lambda attribute: attribute.value if attribute.type == "S" else cast(attribute)


def _waiting_aside(receive: Callable[..., Any], turn: threading.Condition) -> Callable[..., Any]:
    def with_long_timeouts(backend: Any, queue_name: str, count: int, wait_seconds: int, *args: Any) -> Any:
        until = time.monotonic() + wait_seconds
        while True:
            messages = receive(backend, queue_name, count, 0, *args)
            seconds_left = until - time.monotonic()
            if messages or seconds_left <= 0:
                return messages
            turn.wait(min(seconds_left, SLICE_SECONDS))

    return with_long_timeouts
