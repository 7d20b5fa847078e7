"""Runs dynoxide, a second engine with DynamoDB's API, as a process next to the tests."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import botocore.session

from infra.local import dynoxide
from infra.local.aws.aws_account import REGION
from infra.local.aws.cloud import ROOT
from infra.local.ports import free_port
from infra.local.processes import Process
from tests.engines.json_engine import JsonEngine
from tests.engines.remembered_reads import RememberedReads
from tests.engines.table_versions import EMPTY, TableVersions
from tests.world.direct_client import call_directly

BATCH = 25


class DynoxideTables:
    """Tables in a process of their own, which ends with this one; `session` makes clients that use them."""

    def __init__(self) -> None:
        port = free_port()
        process = Process("dynoxide", [str(dynoxide.binary()), "--port", str(port)], cwd=ROOT, quiet=True)
        atexit.register(process.stop)
        process.wait_for(port)
        self.session = botocore.session.get_session()
        self.versions = TableVersions()
        self._process, self._engine = process, JsonEngine(f"http://127.0.0.1:{port}")
        call_directly(self.session, RememberedReads(self.versions, self._engine))
        self._client: Any = self.session.create_client("dynamodb", region_name=REGION)
        self._made: dict[str, dict[str, Any]] = {}
        self.session.get_component("event_emitter").register("before-parameter-build.dynamodb", self._note)

    def close(self) -> None:
        """Stops the process."""
        self._engine.close()
        self._process.stop()

    def empty(self) -> None:
        """Recreate every table that was written to."""
        for name, _ in self.versions.all():
            self._recreate(name)
        self.versions.empty()

    def saved(self) -> Callable[[], None]:
        """Remembers every row as it is now; calling what this returns puts them all back."""
        versions = self.versions.all()
        rows = {name: list(self._rows(name)) for name, _ in versions}

        def put_back() -> None:
            for name in {name for name, _ in {*versions} ^ {*self.versions.all()}}:
                self._recreate(name)
                items = rows.get(name, [])
                for start in range(0, len(items), BATCH):
                    puts = [{"PutRequest": {"Item": item}} for item in items[start : start + BATCH]]
                    self._client.batch_write_item(RequestItems={name: puts})
            self.versions.put_back(versions)

        return put_back

    def _recreate(self, name: str) -> None:
        if self.versions[name] != EMPTY:
            with suppress(self._client.exceptions.ResourceNotFoundException):
                self._client.delete_table(TableName=name)
            self._client.create_table(**self._made[name])

    def _rows(self, name: str) -> Iterator[dict[str, Any]]:
        for page in self._client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
            yield from page["Items"]

    def _note(self, model: Any, params: dict[str, Any], **_: Any) -> None:
        if model.name == "CreateTable":
            self._made[params["TableName"]] = dict(params)
