"""A station that refuses an eject and tries another power bank."""

from chalicelib.domain.rentals.rental import Rental
from tests.world.builders import LABIM, account
from tests.world.network import REFUSED, Network


def with_second_ejects(network: Network) -> Network:
    """The network, whose stations try a second power bank."""
    network.fake_world.settings = network.fake_world.settings.changed({"eject_retries_count": 1})
    return network


def worth_paisa(user_id: str) -> int:
    """What the customer has in the wallet and in points at their price, held ones too, less what is owed."""
    now = account(user_id)
    return now.wallet_paisa + now.held_paisa + 10 * (now.points + now.held_points) - now.due_paisa


def refused(network: Network, state: int = REFUSED) -> tuple[Rental, Rental]:
    """A rental at its start, and after the cabinet refused its eject two seconds later."""
    first = network.start(network.customer())
    network.fake_world.clock.advance(seconds=2)
    network.report_eject(LABIM, first.powerbank_sn, state)
    return first, network.rental(first)
