"""Fixtures of the top-up tests."""

import pytest

from tests.network import Network
from tests.payer import Payer


@pytest.fixture
def payer(network: Network) -> Payer:
    return Payer(network)
