"""Fixtures that several tests of routes share."""

import pytest

from chalicelib.domain.operators.role import Role
from tests.functions.callbacks import TopUp, opened_by
from tests.functions.refund_office import RefundOffice
from tests.scenarios.refund_scenario import RefundScenario
from tests.world.network import Network
from tests.world.tokens import token_for


@pytest.fixture
def tokens(network: Network) -> dict[str, str]:
    """Access tokens of a customer and of an operator with every permission."""
    admin = network.operator("reviewer@example.com", Role.SUPER_ADMIN)
    return {
        "customer": token_for(network.world, network.sessions[network.customer()]),
        "admin": token_for(network.world, admin),
    }


@pytest.fixture
def top_up(network: Network) -> TopUp:
    return TopUp(network, *network.remembered("three top-ups", lambda: opened_by(network)))


@pytest.fixture
def office(network: Network) -> RefundOffice:
    return RefundOffice(RefundScenario(network))
