"""Real tables for a test: moto in this process, made anew for each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy

import botocore.session
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends

from chalicelib.tables.all import MODELS
from chalicelib.tables.store import connect
from infra.local.engine import REGION
from infra.local.lambdas import ACCOUNT

PREFIX = "test-"


@contextmanager
def fresh_tables() -> Iterator[object]:
    """Every table, empty; yields the one client all of them use."""
    with mock_aws():
        client = connect(MODELS, PREFIX, botocore.session.get_session())
        for model in MODELS:
            model.create_table(billing_mode="PAY_PER_REQUEST")
        yield client


def kept_rows() -> Callable[[], None]:
    """Remembers every row as it is now; calling what this returns puts them all back."""
    tables = dynamodb_backends[ACCOUNT][REGION].tables
    kept = {name: deepcopy(table.items) for name, table in tables.items()}

    def put_back() -> None:
        for name, table in tables.items():
            table.items = deepcopy(kept[name])

    return put_back
