"""A power bank that left a slot for good: what the slot holds later says nothing of it."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from infra.local.cabinets import frames
from infra.local.cabinets.frames import SlotContent
from infra.local.seeds.demo_stations import DemoStation
from tests.world.builders import CIVIL, LABIM
from tests.world.network import EJECTED, Network


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


def alarms(capsys: pytest.CaptureFixture[str]) -> set[Any]:
    """The kinds of the alarms since the last look."""
    output = capsys.readouterr().out
    return {alarm for alarm in Alarm if f'"{alarm.value}"' in output}


def test_an_old_slot_says_nothing_of_the_next_rental_at_another_station(
    network: Network, capsys: pytest.CaptureFixture[str]
) -> None:
    """The old station is no witness of the new rental, and no stranger to it either: no alarm."""
    first = network.rented(network.customer())
    other = network.rented(network.customer(), CIVIL)
    slot = first.station.slot_number
    network.fake_world.clock.advance(minutes=10)
    network.report_return(LABIM, other.powerbank_sn, slot)
    network.report_frame(CIVIL, frames.returned(SlotContent(8, first.powerbank_sn, 100)))
    network.fake_world.clock.advance(minutes=1)
    next_rental = network.start(network.customer(), CIVIL)
    assert next_rental.powerbank_sn == first.powerbank_sn
    network.report_eject(CIVIL, first.powerbank_sn, EJECTED)
    alarms(capsys)
    network.fake_world.clock.advance(minutes=5)
    network.report_snapshot(LABIM, without=first.powerbank_sn, plus=(slot, other.powerbank_sn))
    assert (network.rental(next_rental).state, alarms(capsys)) == ("active", set())


def test_the_first_list_after_a_return_raises_no_alarm(network: Network, capsys: pytest.CaptureFixture[str]) -> None:
    """The list comes before the return frame. It is a doubt, which the next list settles."""
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(minutes=10)
    alarms(capsys)
    network.report_snapshot(LABIM)
    assert (network.rental(rental).state, alarms(capsys)) == ("active", set())
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    network.report_return(LABIM, rental.powerbank_sn, rental.station.slot_number)
    assert network.rental(rental).state == "completed"
    assert network.books_balance()


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_powerbank_that_its_station_still_lists_came_out_for_nobody(network: Network, seconds: int) -> None:
    """Another cabinet lists it too, while its own station is ejecting: no customer pays for that."""
    network.report_snapshot(CIVIL)
    network.fake_world.clock.advance(minutes=1)
    rental = network.start(network.customer())
    other = next(bank for bank, _ in LABIM.banks.values() if bank != rental.powerbank_sn)
    network.fake_world.clock.advance(minutes=2)
    network.report_snapshot(CIVIL, plus=(8, other))
    network.fake_world.clock.advance(seconds=seconds)
    for _ in range(2):
        network.report_snapshot(LABIM)
        network.fake_world.clock.advance(seconds=2)
    after = network.rental(rental)
    assert (after.state, after.wallet_paid_paisa + after.points_paid + after.due_paisa) == ("failed", 0)
    assert network.books_balance()


@pytest.mark.parametrize("rented", [True, False])
@pytest.mark.parametrize("report", [Network.report_return, Network.report_slot_change])
def test_a_station_is_asked_where_the_power_bank_is_whose_slot_took_in_another_one(
    network: Network, report: Callable[[Network, DemoStation, str, int], None], *, rented: bool
) -> None:
    network.report_snapshot(CIVIL)
    rental = network.rented(network.customer())
    returned_sn = rental.powerbank_sn if rented else "40818099"
    slot, (other_sn, _) = next(iter(CIVIL.banks.items()))
    network.fake_world.clock.advance(minutes=2)
    for _ in range(2):
        report(network, CIVIL, returned_sn, slot)
    assert network.fake_world.cabinets.checks == [CIVIL.imei]
    network.fake_world.clock.advance(seconds=2)
    network.report_snapshot(CIVIL, without=other_sn, plus=(slot, returned_sn))
    assert (network.bank(other_sn).custody, network.bank(returned_sn).slot_number) == (Custody.UNKNOWN, slot)
    assert network.books_balance()
