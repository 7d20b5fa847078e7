"""Fixtures of the service tests."""

import pytest

from tests.scenarios.reconciliation_scenario import ReconciliationScenario
from tests.scenarios.refund_scenario import RefundScenario
from tests.world.network import Network


@pytest.fixture
def scenario(network: Network) -> RefundScenario:
    """A network with a customer who paid and an operator who decides refunds."""
    return RefundScenario(network)


@pytest.fixture
def gateway_day(network: Network) -> ReconciliationScenario:
    """A day to reconcile. The reports of the days before are closed."""
    made = ReconciliationScenario(network)
    made.close_previous_days()
    return made
