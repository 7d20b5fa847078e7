"""The operations of DynamoDB by their names."""

import threading
from collections.abc import Callable
from typing import Any

from tests.engines.memory_engine import pages
from tests.engines.memory_engine.engine_errors import EngineError, invalid
from tests.engines.memory_engine.requests import Projection, context_of
from tests.engines.memory_engine.table import Table
from tests.engines.memory_engine.transactions import Tokens, transact
from tests.engines.memory_engine.values import checked
from tests.engines.memory_engine.writes import Write, must_be_different, write

MAX_READS, MAX_WRITES = 100, 25
DUPLICATES = "Provided list of item keys contains duplicates"


class MemoryEngine:
    """Tables in this process, for any number of threads: one request at a time."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self._described: dict[str, dict[str, Any]] = {}
        self._tokens = Tokens()
        self._turn = threading.Lock()
        self._operations: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "GetItem": self._get,
            "BatchGetItem": self._batch_get,
            "Query": lambda params: pages.query(self._table(params), params),
            "Scan": lambda params: pages.scan(self._table(params), params),
            "PutItem": lambda params: write("Put", self._table(params), params),
            "UpdateItem": lambda params: write("Update", self._table(params), params),
            "DeleteItem": lambda params: write("Delete", self._table(params), params),
            "BatchWriteItem": self._batch_write,
            "TransactWriteItems": self._transact,
            "CreateTable": self._create,
            "DeleteTable": self._delete,
            "DescribeTable": self._describe,
            "UpdateTimeToLive": lambda params: {"TimeToLiveSpecification": params["TimeToLiveSpecification"]},
        }

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """The result of an operation. Raises EngineError, and KeyError for an operation that is not here."""
        with self._turn:
            return self._operations[operation](params)

    def forget_tokens(self) -> None:
        """The rows are others now: what took effect on the old ones is no longer so."""
        self._tokens.clear()

    def _table(self, params: dict[str, Any]) -> Table:
        return self._named(params["TableName"])

    def _named(self, name: str) -> Table:
        if name not in self.tables:
            raise EngineError("ResourceNotFoundException", f"Requested resource not found: {name}")
        return self.tables[name]

    def _get(self, params: dict[str, Any]) -> dict[str, Any]:
        items = self._read(self._table(params), {**params, "Keys": [params["Key"]]})
        return {"Item": items[0]} if items else {}

    def _batch_get(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = params["RequestItems"]
        if not 1 <= sum(len(part["Keys"]) for part in wanted.values()) <= MAX_READS:
            raise invalid("Too many items requested for the BatchGetItem call")
        return {
            "Responses": {name: self._read(self._named(name), part) for name, part in wanted.items()},
            "UnprocessedKeys": {},
        }

    @staticmethod
    def _read(table: Table, part: dict[str, Any]) -> list[dict[str, Any]]:
        projection = Projection(part.get("ProjectionExpression"))
        context = context_of(part, (projection.names, ()))
        keys = [table.checked_key({name: checked(value) for name, value in key.items()}) for key in part["Keys"]]
        if len(keys) > 1:
            must_be_different([(table.name, key) for key in keys], DUPLICATES)
        return [projection.of(item, context) for key in keys if (item := table.find(key)) is not None]

    def _batch_write(self, params: dict[str, Any]) -> dict[str, Any]:
        writes = []
        for name, requests in params["RequestItems"].items():
            for request in requests:
                ((kind, content),) = request.items()
                writes.append(Write(kind.removesuffix("Request"), self._named(name), content))
        if not 1 <= len(writes) <= MAX_WRITES:
            raise invalid("Too many items requested for the BatchWriteItem call")
        must_be_different([(made.table.name, made.key) for made in writes], DUPLICATES)
        for made in writes:
            made.decide()
            made.apply()
        return {"UnprocessedItems": {}}

    def _transact(self, params: dict[str, Any]) -> dict[str, Any]:
        token, content = params.get("ClientRequestToken") or "", repr(params["TransactItems"])
        if token and self._tokens.took_effect(token, content):
            return {}
        kinds = [next(iter(item.items())) for item in params["TransactItems"]]
        transact([Write(kind, self._table(write_params), write_params) for kind, write_params in kinds])
        if token:
            self._tokens.store(token, content)
        return {}

    def _create(self, params: dict[str, Any]) -> dict[str, Any]:
        name = params["TableName"]
        if name in self.tables:
            raise EngineError("ResourceInUseException", f"Table already exists: {name}")
        self.tables[name], self._described[name] = Table(params), {**params, "TableStatus": "ACTIVE"}
        return {"TableDescription": self._described[name]}

    def _delete(self, params: dict[str, Any]) -> dict[str, Any]:
        name = self._table(params).name
        del self.tables[name]
        return {"TableDescription": {**self._described[name], "TableStatus": "DELETING"}}

    def _describe(self, params: dict[str, Any]) -> dict[str, Any]:
        table = self._table(params)
        return {"Table": {**self._described[table.name], "ItemCount": len(table.rows)}}
