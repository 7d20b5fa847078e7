"""Fixtures of the top-up tests."""

import pytest

from tests.scenarios.reversal_scenario import ReversalScenario
from tests.world.network import Network
from tests.world.payer import Payer


@pytest.fixture
def payer(network: Network) -> Payer:
    return Payer(network)


@pytest.fixture
def reversal_day(network: Network) -> ReversalScenario:
    return ReversalScenario(network)
