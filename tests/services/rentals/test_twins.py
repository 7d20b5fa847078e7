"""A cabinet lists a power bank that another station has, while it ejects for a customer."""

from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import ejects
from infra.local.seeds.demo_stations import DemoStation
from tests.scenarios.wrong_slot_scenario import paid_paisa, seconds
from tests.world.builders import CIVIL, LABIM, LAKESIDE
from tests.world.log_lines import alarms
from tests.world.network import Network

TWIN, PLACE = "40818052", (LABIM.sn, 2)


def place(network: Network) -> tuple[str | None, int | None]:
    powerbank = network.bank(TWIN)
    return powerbank.station_sn, powerbank.slot_number


def both_list_it(network: Network) -> None:
    """Civil Mall lists the power bank in a free slot, where it is not. Labim Mall listed it all along."""
    seconds(network, 1200)
    network.report_snapshot(LABIM)
    network.report_snapshot(CIVIL, plus=(8, TWIN))


def twin_ends_at_an_eject(network: Network) -> Rental:
    """A start at Civil Mall without an answer, then a snapshot of Civil Mall without the twin."""
    seconds(network, 400)
    rental = network.start(network.customer(), CIVIL)
    seconds(network, 60)
    network.report_snapshot(CIVIL)
    return rental


def test_a_bank_that_its_station_lists_again_is_tied_to_no_rental(network: Network, log_output: StringIO) -> None:
    both_list_it(network)
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    seconds(network, 1)
    network.report_snapshot(LABIM)
    rental = twin_ends_at_an_eject(network)
    assert len(alarms(log_output, Alarm.POWERBANK_IN_TWO_PLACES)) == 1
    assert network.rental(rental).other_powerbank_sn is None
    seconds(network, 600)
    network.report_snapshot(LABIM)
    assert (network.bank(TWIN).custody, place(network)) == (Custody.QUARANTINE, PLACE)
    assert network.books_balance()


def test_a_power_bank_in_two_new_lists_of_its_station_waits_there_for_an_operator(
    network: Network, log_output: StringIO
) -> None:
    both_list_it(network)
    rental = twin_ends_at_an_eject(network)
    for _ in range(2):
        assert network.bank(TWIN).custody is Custody.UNKNOWN
        seconds(network, 1201)
        network.report_snapshot(LABIM)
    assert (network.bank(TWIN).custody, place(network)) == (Custody.QUARANTINE, PLACE)
    assert len(alarms(log_output, Alarm.POWERBANK_QUARANTINED)) == 1
    assert network.rental(rental).other_powerbank_sn is None
    ejects.sweep(network.world)
    assert paid_paisa(network.rental(rental)) == 0
    assert network.books_balance()


def test_an_old_list_that_is_repeated_finds_no_bank(network: Network) -> None:
    both_list_it(network)
    read_at = network.world.now()
    twin_ends_at_an_eject(network)
    for _ in range(3):
        seconds(network, 1201)
        network.report_snapshot(LABIM, read_at=read_at)
    assert network.bank(TWIN).custody is Custody.UNKNOWN
    assert network.books_balance()


def two_stations_list_it(network: Network) -> None:
    """It is stored at Civil Mall. Labim Mall lists it as well, in a new reading."""
    both_list_it(network)
    seconds(network, 90)
    network.report_snapshot(LABIM)
    assert network.bank(TWIN).other_place is not None
    seconds(network, 1200)


def test_the_twin_is_gone_when_one_station_lists_it_no_more_and_the_other_one_does(network: Network) -> None:
    two_stations_list_it(network)
    network.fake_world.cabinets.checks.clear()
    network.report_snapshot(LABIM, without=TWIN)
    assert network.fake_world.cabinets.checks == [CIVIL.imei]
    assert network.bank(TWIN).other_place is not None
    seconds(network, 2)
    network.report_snapshot(CIVIL, plus=(8, TWIN))
    assert (network.bank(TWIN).other_place, place(network)) == (None, (CIVIL.sn, 8))


def test_the_other_station_is_asked_when_the_twin_vanishes_and_its_list_settles_the_place(network: Network) -> None:
    two_stations_list_it(network)
    network.report_snapshot(LABIM)
    network.fake_world.cabinets.checks.clear()
    network.report_snapshot(CIVIL)
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    seconds(network, 1)
    network.report_snapshot(LABIM)
    assert (network.bank(TWIN).custody, place(network)) == (Custody.QUARANTINE, PLACE)


@pytest.mark.parametrize("first", [LABIM, CIVIL], ids=lambda station: station.sn)
def test_a_power_bank_that_two_stations_list_no_more_is_tied_to_the_rental_of_the_one_that_was_ejecting(
    network: Network, log_output: StringIO, first: DemoStation
) -> None:
    two_stations_list_it(network)
    network.report_snapshot(LABIM)
    seconds(network, 60)
    rental = network.rented(network.customer(), LABIM)
    for station in (first, CIVIL if first is LABIM else LABIM):
        seconds(network, 60)
        network.report_snapshot(station, without=TWIN)
    (*_, alarm) = alarms(log_output, Alarm.POWERBANK_VANISHED)
    assert alarm["rental_id"] == rental.rental_id
    suspicion = network.bank(TWIN).suspicion
    assert suspicion is not None
    assert (suspicion.rental_id, suspicion.slot_number) == (rental.rental_id, 2)
    seconds(network, 600)
    network.report_return(LAKESIDE, TWIN)
    assert (network.rental(rental).state, network.rental(rental).powerbank_sn) == (RentalState.COMPLETED, TWIN)
    assert network.books_balance()


def test_a_power_bank_that_its_station_lists_in_another_slot_only_is_there(network: Network) -> None:
    """A list with the power bank in two slots put it into the wrong one."""
    rental = network.rented(network.customer())
    sn, slot = rental.powerbank_sn, rental.station.slot_number
    seconds(network, 600)
    network.report_snapshot(LABIM)
    seconds(network, 2)
    network.report_snapshot(LABIM, plus=(8, sn))
    for _ in range(2):
        seconds(network, 1200)
        network.report_snapshot(LABIM)
    powerbank = network.bank(sn)
    assert (powerbank.slot_number, powerbank.other_place) == (slot, None)
    assert network.books_balance()
