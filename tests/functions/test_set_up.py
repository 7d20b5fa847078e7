"""The set-up of tests is done once in a process: without that the suite takes twice its time."""

from tests.engines.remembered_set_up import OUTCOMES
from tests.world.fake_world import FakeWorld
from tests.world.network import Network
from tests.world.real_tables import fresh_tables, versions


def test_the_network_of_a_second_test_is_restored_and_not_made_again(network: Network) -> None:
    made, rows = len(OUTCOMES), versions()
    with fresh_tables():
        fake_world = FakeWorld()
        Network(fake_world, fake_world.world())
    assert (len(OUTCOMES), versions()) == (made, rows)
