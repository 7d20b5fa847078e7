"""A swap is judged by when a return was reported, and not by the time to which an outage dates it back."""

from chalicelib.domain.cabinets.cabinet_protocol.envelope import DeviceEventKind
from tests.scenarios.swap_scenario import reported, wallet
from tests.world.builders import LABIM
from tests.world.network import Network


def test_an_outage_makes_no_long_rental_of_a_reported_powerbank_free(network: Network) -> None:
    first = reported(network)
    paid = wallet(first)
    network.report_status(LABIM, DeviceEventKind.OFFLINE)
    network.fake_world.clock.advance(hours=3)
    network.report_status(LABIM, DeviceEventKind.ONLINE)
    network.fake_world.clock.advance(minutes=1)
    network.report_return(LABIM, first.powerbank_sn)
    ended = network.rental(first)
    assert (ended.state, ended.wallet_paid_paisa + ended.points_paid) != ("cancelled", 0)
    assert (ended.state, wallet(first)) == ("completed", paid)
    assert network.books_balance()
