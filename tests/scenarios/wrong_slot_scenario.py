"""A cabinet that opens the slot of another power bank than the rented one."""

from collections.abc import Callable

from chalicelib.domain.rentals.rental import Rental
from tests.world.builders import CIVIL, LABIM, account
from tests.world.network import EJECTED, HOUR, REFUSED, UNCLEAR, Network

ASKED, ASKED_SLOT = "40818052", 2
OTHER, OTHER_SLOT = "40818051", 1
PRICE_PAISA = 2_000
ANSWERS = (None, UNCLEAR, REFUSED, EJECTED)
BACK: dict[str, Callable[[Network], object]] = {
    "return frame, another station": lambda network: network.report_return(CIVIL, OTHER),
    "slot change, another station": lambda network: network.report_slot_change(CIVIL, OTHER),
    "snapshot, another station": lambda network: network.report_snapshot(CIVIL, plus=(8, OTHER)),
    "return frame, its slot": lambda network: network.report_return(LABIM, OTHER, OTHER_SLOT),
    "slot change, its slot": lambda network: network.report_slot_change(LABIM, OTHER, OTHER_SLOT),
    "return frame, another slot": lambda network: network.report_return(LABIM, OTHER, 7),
    "snapshot, another slot": lambda network: network.report_snapshot(LABIM, without=OTHER, plus=(7, OTHER)),
}


def seconds(network: Network, count: float) -> None:
    network.fake_world.clock.advance(seconds=count)


def paid_paisa(rental: Rental) -> int:
    """What the customer is poorer by since the start, with points at their price, and what the customer owes."""
    left = account(rental.user_id)
    assert (left.held_paisa, left.held_points) == (0, 0)
    return 100_000 + 150 * 10 - left.wallet_paisa - left.points * 10 + left.due_paisa


def wrong_slot_opened(network: Network, answer: int | None, package: str = HOUR) -> Rental:
    """A start whose answer comes before a snapshot that shows the other power bank's slot empty."""
    rental = network.start(network.customer(), package=package)
    assert rental.powerbank_sn == ASKED
    seconds(network, 2)
    if answer is not None:
        network.report_eject(LABIM, ASKED, answer)
    seconds(network, 20)
    network.report_snapshot(LABIM, without=OTHER)
    return rental


def own_came_out_later(network: Network) -> Rental:
    """A rental whose own power bank came out after the one that is tied to it, which is at another station by now."""
    rental = wrong_slot_opened(network, None)
    seconds(network, 5)
    network.report_eject(LABIM, ASKED, EJECTED)
    seconds(network, 60)
    network.report_return(CIVIL, OTHER)
    return rental
