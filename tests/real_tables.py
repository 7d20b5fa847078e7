"""Real tables for a test, empty for each: moto's in this process, or dynoxide's (`BIJULI_TEST_ENGINE=dynoxide`)."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Protocol

import botocore.session

from chalicelib.tables import dynamodb
from chalicelib.tables.registry import MODELS
from infra.tables import create_tables
from tests.dynoxide_tables import DynoxideTables
from tests.moto_tables import MotoTables

PREFIX = "test-"
ENGINE = "BIJULI_TEST_ENGINE"
CLIENT: dict[str, Any] = {}
"""The client in use; making one costs as much as a short test."""


class Engine(Protocol):
    """Where the tables are."""

    @property
    def session(self) -> botocore.session.Session:
        """Makes clients that use these tables."""
        ...

    @property
    def untouched(self) -> bool:
        """Whether nobody wrote since all was empty."""
        ...

    def empty(self) -> None:
        """Every table without a row."""
        ...

    def saved(self) -> Callable[[], None]:
        """Remembers every row as it is now; calling what this returns puts them all back."""
        ...


@cache
def engine() -> Engine:
    """This process's own, with every table: making them costs four times as much as a test does."""
    made: Engine = DynoxideTables() if os.environ.get(ENGINE) == "dynoxide" else MotoTables()
    create_tables(MODELS, made.session.create_client("dynamodb"), PREFIX)
    return made


@contextmanager
def fresh_tables() -> Iterator[object]:
    """Every table, empty; yields the one client all of them use."""
    used = engine()
    used.empty()
    if CLIENT.get("session") is not used.session or dynamodb.shared_connection().client is not CLIENT["client"]:
        CLIENT.update(session=used.session, client=dynamodb.connect(MODELS, PREFIX, used.session))
    yield CLIENT["client"]


def untouched() -> bool:
    """Whether nobody wrote since the tables were empty."""
    return engine().untouched


def kept_rows() -> Callable[[], None]:
    """Remembers every row as it is now; calling what this returns puts them all back."""
    return engine().saved()
