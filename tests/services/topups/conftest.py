"""Fixtures of the top-up tests."""

import pytest

from tests.network import Network
from tests.payer import Payer
from tests.reversal_scenario import ReversalScenario


@pytest.fixture
def payer(network: Network) -> Payer:
    return Payer(network)


@pytest.fixture
def reversal_day(network: Network) -> ReversalScenario:
    return ReversalScenario(network)
