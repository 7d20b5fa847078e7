"""dynoxide as a process beside the tests: another engine's reading of what DynamoDB promises."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import botocore.session

from infra.local import dynoxide
from infra.local.cloud import ROOT
from infra.local.engine import REGION
from infra.local.processes import Process, free_port

BATCH = 25


class DynoxideTables:
    """Tables in a process of their own, which ends with this one; `session` makes clients that use them."""

    def __init__(self) -> None:
        port = free_port()
        process = Process("dynoxide", [str(dynoxide.binary()), "--port", str(port)], cwd=ROOT, quiet=True)
        atexit.register(process.stop)
        process.wait_for(port)
        self.session = _Session(f"http://127.0.0.1:{port}")
        self._client: Any = self.session.create_client("dynamodb", region_name=REGION)
        self._made: dict[str, dict[str, Any]] = {}
        self._touched: set[str] = set()
        self.session.get_component("event_emitter").register("before-parameter-build.dynamodb", self._note)

    @property
    def untouched(self) -> bool:
        return not self._touched & self._made.keys()

    def empty(self) -> None:
        """Every table that was written to, made anew."""
        for name in self._touched & self._made.keys():
            with suppress(self._client.exceptions.ResourceNotFoundException):
                self._client.delete_table(TableName=name)
            self._client.create_table(**self._made[name])
        self._touched.clear()

    def saved(self) -> Callable[[], None]:
        """Remembers every row as it is now; calling what this returns puts them all back."""
        rows = {name: list(self._rows(name)) for name in self._made}

        def put_back() -> None:
            self.empty()
            for name, items in rows.items():
                for start in range(0, len(items), BATCH):
                    puts = [{"PutRequest": {"Item": item}} for item in items[start : start + BATCH]]
                    self._client.batch_write_item(RequestItems={name: puts})
                self._touched |= {name} if items else set()

        return put_back

    def _rows(self, name: str) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
            yield from page["Items"]

    def _note(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        """Which tables there are, and which of them a request may have changed."""
        match model.name:
            case "CreateTable":
                self._made[params["TableName"]] = dict(params)
            case "TransactWriteItems":
                self._touched |= {next(iter(item.values()))["TableName"] for item in params["TransactItems"]}
            case "BatchWriteItem":
                self._touched |= params["RequestItems"].keys()
            case "PutItem" | "UpdateItem" | "DeleteItem" | "DeleteTable":
                self._touched.add(params["TableName"])


class _Session(botocore.session.Session):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def create_client(self, *args: Any, **kwargs: Any) -> Any:
        return super().create_client(*args, **kwargs | {"endpoint_url": self._url})
