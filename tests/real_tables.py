"""Real tables for a test: moto in this process, empty for each."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

import botocore.session
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends

from chalicelib.tables.all import MODELS
from chalicelib.tables.store import connect
from infra.local.engine import REGION
from infra.local.lambdas import ACCOUNT

PREFIX = "test-"
SESSION = botocore.session.get_session()
MADE: dict[str, Any] = {}
"""The tables, made once a process: with their 39 calls a test costs four times as much as it does."""


@contextmanager
def fresh_tables() -> Iterator[object]:
    """Every table, empty; yields the one client all of them use."""
    with mock_aws():
        client = connect(MODELS, PREFIX, SESSION)
        tables = dynamodb_backends[ACCOUNT][REGION].tables
        if not MADE:
            for model in MODELS:
                model.create_table(billing_mode="PAY_PER_REQUEST")
            MADE.update(tables)
        for table in MADE.values():
            table.items = defaultdict(dict)
        tables.update(MADE)
        yield client


def kept_rows() -> Callable[[], None]:
    """Remembers every row as it is now; calling what this returns puts them all back."""
    tables = dynamodb_backends[ACCOUNT][REGION].tables
    kept = {name: deepcopy(table.items) for name, table in tables.items()}

    def put_back() -> None:
        for name, table in tables.items():
            table.items = deepcopy(kept[name])

    return put_back
