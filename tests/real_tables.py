"""Real tables for a test: moto in this process, made anew for each."""

from collections.abc import Iterator
from contextlib import contextmanager

import botocore.session
from moto import mock_aws

from chalicelib.tables.all import MODELS
from chalicelib.tables.store import connect

PREFIX = "test-"


@contextmanager
def fresh_tables() -> Iterator[object]:
    """Every table, empty; yields the one client all of them use."""
    with mock_aws():
        client = connect(MODELS, PREFIX, botocore.session.get_session())
        for model in MODELS:
            model.create_table(billing_mode="PAY_PER_REQUEST")
        yield client
