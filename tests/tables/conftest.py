"""The pauses of repeated calls, without waiting."""

from collections.abc import Iterator

import pytest

from chalicelib.tables.retry_pauses import Pause


@pytest.fixture
def pauses() -> Iterator[list[float]]:
    """The lengths of the pauses between two tries, in seconds."""
    made: list[float] = []
    before, Pause.wait = Pause.wait, made.append
    yield made
    Pause.wait = before
