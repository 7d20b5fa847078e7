"""Fixtures of the service tests."""

import pytest

from tests.network import Network
from tests.reconciliation_scenario import ReconciliationScenario
from tests.refund_scenario import RefundScenario


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
