"""A power bank that left a slot for good: what the slot holds later says nothing of it."""

from chalicelib.domain.cabinets.custody import Custody
from tests.world.builders import CIVIL, LABIM
from tests.world.network import Network


def test_a_powerbank_at_another_station_did_not_vanish_from_its_old_slot(network: Network) -> None:
    """Another power bank came into the slot before any snapshot showed that the slot was empty."""
    first = network.rented(network.customer())
    other = network.rented(network.customer(), CIVIL)
    slot = first.station.slot_number
    network.fake_world.clock.advance(minutes=10)
    network.report_return(LABIM, other.powerbank_sn, slot)
    network.fake_world.clock.advance(minutes=1)
    network.report_return(CIVIL, first.powerbank_sn, 8)
    network.fake_world.clock.advance(minutes=5)
    network.report_snapshot(LABIM, without=first.powerbank_sn, plus=(slot, other.powerbank_sn))
    bank = network.bank(first.powerbank_sn)
    assert (bank.custody, bank.station_sn, bank.slot_number, bank.vanished_at) == (Custody.SLOT, CIVIL.sn, 8, None)
    assert network.books_balance()
