"""An account to change, and the pauses of repeated calls without waiting."""

from collections.abc import Iterator

import pytest

from chalicelib.domain.accounts.account import Account
from chalicelib.tables import accounts
from chalicelib.tables.atomic import atomic
from chalicelib.tables.retry_pauses import Pause
from chalicelib.world import World


@pytest.fixture
def pauses() -> Iterator[list[float]]:
    """The lengths of the pauses between two tries, in seconds."""
    made: list[float] = []
    before, Pause.wait = Pause.wait, made.append
    yield made
    Pause.wait = before


@pytest.fixture
def world_with_account(world: World) -> World:
    """The world, with the account `u`."""
    atomic(world, lambda ops: accounts.save(ops, Account("u")))
    return world
