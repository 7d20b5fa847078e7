"""Fixtures of the notification tests."""

import pytest

from tests.services.notifications.push_reader import Reader
from tests.world.network import Network


@pytest.fixture
def reader(network: Network) -> Reader:
    return Reader(network, network.customer())
