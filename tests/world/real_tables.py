"""Real tables for a test, empty for each: on the engine of the tests, or on dynoxide (BIJULI_TEST_ENGINE)."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, Protocol

import botocore.session

from chalicelib.gateways.aws_time_left import end_in_time
from chalicelib.tables import dynamodb
from chalicelib.tables.all_tables import ROW_TYPES
from chalicelib.tables.rows import Row
from infra.tables import create_tables
from tests.engines.function_rights import ACCESS, PREFIX
from tests.engines.memory_tables import MemoryTables
from tests.engines.table_versions import TableVersions

ENGINE = "BIJULI_TEST_ENGINE"
REMEMBERED = 1000
CLIENT: dict[str, Any] = {}
"""The client in use. To make a client takes as long as a short test."""


class Engine(Protocol):
    """Where the tables are."""

    @property
    def session(self) -> botocore.session.Session:
        """Makes clients that use these tables."""
        ...

    @property
    def versions(self) -> TableVersions:
        """Numbers for what the tables hold."""
        ...

    def empty(self) -> None:
        """Every table without a row."""
        ...

    def saved(self) -> Callable[[], None]:
        """Saves every row as it is now. The returned function restores them all."""
        ...


@cache
def engine() -> Engine:
    """The engine of this process, with every table. To make the tables takes four times as long as a test."""
    made: Engine = MemoryTables() if os.environ.get(ENGINE) != "dynoxide" else _dynoxide()
    create_tables(ROW_TYPES, made.session.create_client("dynamodb"), PREFIX)
    ACCESS.watch(made.session)
    end_in_time(made.session)
    return made


def _dynoxide() -> Engine:
    """In a process of its own. Its import takes as long as twenty tests."""
    from tests.engines.dynoxide_tables import DynoxideTables

    return DynoxideTables()


@contextmanager
def fresh_tables() -> Iterator[object]:
    """Empty every table. Yields the client that all tables share."""
    used = engine()
    used.empty()
    if CLIENT.get("session") is not used.session or dynamodb.shared_connection().client is not CLIENT["client"]:
        client = dynamodb.connect(ROW_TYPES, PREFIX, used.session, pause=lambda seconds: None)
        CLIENT.update(session=used.session, client=client)
    yield CLIENT["client"]


def connected() -> bool:
    """Whether the models use these tables, and not those of another engine, as in the races."""
    return "client" in CLIENT and dynamodb.shared_connection().client is CLIENT["client"]


def versions() -> tuple[tuple[str, int], ...]:
    """Numbers for the content of the tables: equal numbers mean equal rows."""
    return engine().versions.all()


def save_rows() -> Callable[[], None]:
    """Saves every row as it is now. The returned function restores them all."""
    return engine().saved()


def all_rows() -> dict[str, list[str]]:
    """All rows of all tables as text, to compare. Only tables that were written to are read again."""
    return {name: _rows(name, engine().versions[name]) for name in _models()}


@cache
def _models() -> dict[str, type[Row]]:
    return {str(model.Meta.table_name): model for model in ROW_TYPES}


@lru_cache(maxsize=REMEMBERED)
def _rows(table: str, version: int) -> list[str]:
    return sorted(json.dumps(row.serialize(), sort_keys=True, default=repr) for row in _models()[table].scan())
