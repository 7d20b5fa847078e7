"""A full day whose writes meet running transactions again and again ends as any day."""

import pytest

from infra.local.aws.storage_faults import FaultsEach, StorageFaults
from infra.local.simulation import Simulation
from tests.scenarios.full_day import FullDay
from tests.world.network import Network


@pytest.mark.long
@pytest.mark.parametrize("each", [2, 5])
def test_a_full_day_with_conflicts_ends_as_any_day(network: Network, each: int) -> None:
    faults = StorageFaults(Simulation(), FaultsEach(conflict=each))
    faults.start()
    try:
        FullDay(network).run()
    finally:
        faults.stop()
    assert network.books_balance()
