"""The shared DynamoDB client, and reads of many tables at once."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBException

from chalicelib.domain.operations.round_robin import in_turn, round_robin, turn_of
from chalicelib.domain.problems.problems import Problem
from chalicelib.tables.dynamodb_errors import is_final_refusal
from chalicelib.tables.retry_pauses import Pause, each_try
from chalicelib.tables.rows import SHARDS, Found, Key, Row

T = TypeVar("T")
TRIES_OF_A_CALL = 3
CLIENT = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"total_max_attempts": TRIES_OF_A_CALL, "mode": "standard"},
    max_pool_connections=64,
    parameter_validation=False,
    user_agent="bijuli",
)
"""The client of the tables: three attempts and their pauses take up to 15 s of the 29 s of a request.

It names its own user agent: botocore composes another one for each request, a twelfth of its time.
"""
HEALTH_CHECK_CLIENT = Config(
    connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1}, parameter_validation=False
)
"""The client of the health check: one second to connect, one second for the response, no retry."""
BATCH = 100
DUE_WINDOW = 1000
"""How many due keys of a shard a sweep reads, to choose from them in turns. An index row holds keys only."""
_connections: list[Connection] = []
_sessions: list[Session] = []
_health_clients: list[Any] = []


def connect(
    models: Sequence[type[Row]], prefix: str, session: Session, pause: Callable[[float], None] = time.sleep
) -> Any:
    """Point every model at its table, through one shared client: a client of its own costs 50 ms. Returns it.

    `pause` waits the given seconds between two tries of a write.
    """
    Pause.wait = pause
    client: Any = session.create_client("dynamodb", config=CLIENT)
    for model in models:
        meta: Any = model.Meta
        meta.noun = getattr(meta, "noun", meta.table_name)
        meta.table_name = prefix + meta.noun
        model._connection = None
        connection = model._get_connection().connection
        connection._client = client
        _connections[:] = [connection]
    _sessions[:], _health_clients[:] = [session], []
    return client


@contextmanager
def storage() -> Iterator[None]:
    """Turns an unreachable or throttling DynamoDB into Problem("storage_unavailable"), which a client may retry."""
    try:
        yield
    except (PynamoDBException, ClientError, BotoCoreError) as error:
        if is_final_refusal(error):
            raise
        raise Problem("storage_unavailable", retry_after_seconds=2) from error


def delete_all(rows: Iterable[Row]) -> None:
    """Delete rows one by one; a second call goes on after a failure. For the rows of one user, without a deadline."""
    for row in rows:
        row.delete()


def is_available(key: Key[Any]) -> bool:
    """Health check: one consistent GetItem with a short time-out. The row need not exist."""
    if not _health_clients:
        _health_clients.append(_sessions[0].create_client("dynamodb", config=HEALTH_CHECK_CLIENT))
    try:
        _health_clients[0].get_item(TableName=key.model.Meta.table_name, Key=_raw_key(key), ConsistentRead=True)
    except (ClientError, BotoCoreError):
        return False
    return True


def fetch(*keys: Key[Any]) -> Found:
    """Up to 100 rows in one strongly consistent call. Rows that DynamoDB leaves out under load are read again.

    Raises Problem("storage_unavailable"), also when rows are left out MAX_TRIES times.
    """
    rows: dict[Key[Any], Any] = dict.fromkeys(keys)
    keys_by_table: dict[str, dict[tuple[str, ...], Key[Any]]] = {}
    request: dict[str, Any] = {}
    for key in rows:
        if not key.is_possible:
            continue
        raw = _raw_key(key)
        table = key.model.Meta.table_name
        keys_by_table.setdefault(table, {})[_key_values(raw)] = key
        request.setdefault(table, {"Keys": [], "ConsistentRead": True})["Keys"].append(raw)
    tries = each_try()
    while request:
        next(tries)
        answer = _batch_get(request)
        for table, items in answer["Responses"].items():
            for item in items:
                any_key = next(iter(keys_by_table[table].values()))
                key = keys_by_table[table][_key_values(_key_part(any_key.model, item))]
                rows[key] = key.read(key.model.from_raw_data(item))
        request = answer.get("UnprocessedKeys") or {}
    return Found(rows)


def fetch_one(key: Key[T]) -> T | None:
    """One row in one strongly consistent call, or None where the row is missing. Raises like `fetch`."""
    return fetch(key)[key]


def fetch_many(keys: Sequence[Key[T]]) -> list[T]:
    """Any number of rows, 100 in each call, without those that are missing."""
    found = fetch_all(keys)
    return [row for key in keys if (row := found[key]) is not None]


def fetch_all(keys: Sequence[Key[Any]]) -> Found:
    """The rows of any number of keys, 100 in each call. Rows of different calls may be of different moments.

    Raises like `fetch`.
    """
    rows: dict[Key[Any], Any] = {}
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        found = fetch(*part)
        rows |= {key: found[key] for key in part}
    return Found(rows)


def _batch_get(request: dict[str, Any]) -> dict[str, Any]:
    with storage():
        return shared_connection().dispatch("BatchGetItem", {"RequestItems": request})


def shared_connection() -> Connection:
    """The connection all models share. Raises LookupError before `connect`."""
    if not _connections:
        raise LookupError("the tables are not connected")
    return _connections[0]


def _raw_key(key: Key[Any]) -> dict[str, dict[str, str]]:
    model: Any = key.model
    hash_attr = model._hash_key_attribute()
    raw = {hash_attr.attr_name: {hash_attr.attr_type: hash_attr.serialize(key.hash_key)}}
    range_attr = model._range_key_attribute()
    if range_attr is not None:
        raw[range_attr.attr_name] = {range_attr.attr_type: range_attr.serialize(key.range_key)}
    return raw


def _key_part(model: Any, item: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    names = [attr.attr_name for attr in (model._hash_key_attribute(), model._range_key_attribute()) if attr]
    return {name: item[name] for name in names}


def _key_values(raw: dict[str, dict[str, str]]) -> tuple[str, ...]:
    """The values of a raw key, in the order of their names. Equal for equal keys, and hashable."""
    return tuple(next(iter(value.values())) for _, value in sorted(raw.items()))


def due_in(
    index: Any,
    row_key: Callable[[Any], Key[T]],
    now: datetime,
    limit: int,
    *,
    at: Any = None,
    every_minutes: int = 1,
) -> list[T]:
    """Rows that are due by `now`, at most `limit` a shard, read strongly from the table.

    No owner and no shard comes before the others: the oldest row of each owner comes first, and shards take turns. Of
    more than `limit` rows a half takes turns from run to run, so that rows that always fail starve no others. The job
    runs every `every_minutes`: with a wrong number some rows may never have their turn.
    The owner is the hash key of a row. `at` is the time of the index, `wait_until` unless another one is given.
    """
    due_at = at if at is not None else type(index).wait_until
    shards: list[list[Key[T]]] = []
    for shard in range(SHARDS):
        with storage():
            condition = due_at <= now
            rows = index.query(str(shard), condition, limit=DUE_WINDOW, page_size=DUE_WINDOW)
            keys = [row_key(row) for row in rows]
        shards.append(in_turn(round_robin(_by_owner(keys)), limit, turn_of(now, every_minutes)))
    return fetch_many(round_robin(shards))


def _by_owner(keys: Sequence[Key[T]]) -> list[list[Key[T]]]:
    owners: dict[str, list[Key[T]]] = {}
    for key in keys:
        owners.setdefault(key.hash_key, []).append(key)
    return [*owners.values()]
