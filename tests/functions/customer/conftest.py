"""Fixtures of customers."""

import pytest

from infra.local.seeds import seed
from tests.world.builders import phone
from tests.world.network import Network
from tests.world.tokens import token_of


@pytest.fixture
def token(network: Network) -> str:
    return token_of(network, newcomer(network))


def newcomer(network: Network) -> str:
    """A customer who has submitted no documents yet."""
    network.numbers += 1
    return seed.add_customer(network.world, phone(700 + network.numbers), f"newcomer{network.numbers}")
