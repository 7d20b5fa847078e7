"""A reconciled day, and an operator who may read it."""

import pytest

from chalicelib.domain.operators.role import Role
from chalicelib.domain.payments.payment_gateway import GatewayPayment, PaymentState, PaymentStatus
from tests.scenarios.reconciliation_scenario import SUM, ReconciliationScenario
from tests.world.content_editor import Editor
from tests.world.network import Network
from tests.world.tokens import token_for


@pytest.fixture
def gateway_day(network: Network) -> ReconciliationScenario:
    """One reconciled day at Khalti and Stripe."""
    made = ReconciliationScenario(network)
    network.remembered("a day compared", lambda: compare_a_day(made))
    return made


def compare_a_day(made: ReconciliationScenario) -> None:
    made.close_previous_days()
    made.credited()
    made.opened()
    made.paid()
    made.credited(paisa=SUM - 100)
    made.gateway_lists(
        GatewayPayment("cs_=1+1", made.world.now(), PaymentStatus(PaymentState.PAID, "=HYPERLINK(1)", 7_050))
    )
    made.next_day()
    made.reconcile()


@pytest.fixture
def operator(gateway_day: ReconciliationScenario) -> str:
    return token_for(gateway_day.world, gateway_day.network.operator("finance@example.com", Role.FINANCE))


@pytest.fixture
def editor(network: Network) -> Editor:
    return Editor(network)


@pytest.fixture
def super_admin(network: Network) -> str:
    """The id of a super admin, whose username is `boss`."""
    return network.operator("boss@example.com", Role.SUPER_ADMIN).user_id
