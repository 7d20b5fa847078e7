"""The neighbour of these tests: one server a module, which forgets between tests."""

from collections.abc import Iterator

import pytest

from tests.gateways.neighbour import Neighbour


@pytest.fixture(scope="module")
def standing() -> Iterator[Neighbour]:
    made = Neighbour()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def neighbour(standing: Neighbour) -> Neighbour:
    standing.start_over()
    return standing
