"""Fixtures of the notification tests."""

import pytest

from tests.network import Network
from tests.services.notifications.push_reader import Reader


@pytest.fixture
def reader(network: Network) -> Reader:
    return Reader(network, network.customer())
