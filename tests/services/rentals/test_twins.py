"""A cabinet lists a power bank that another station has, while it ejects for a customer."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental import Rental
from chalicelib.domain.rentals.rental_state import RentalPaymentStatus, RentalState
from chalicelib.services.rentals import ejects
from infra.local.seeds.demo_stations import DemoStation
from tests.scenarios.wrong_slot_scenario import paid_paisa, seconds
from tests.world.builders import CIVIL, LABIM, LAKESIDE, account
from tests.world.log_lines import alarms
from tests.world.network import EJECTED, Network

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


def undone_by_a_twin(network: Network) -> Rental:
    """An eject without an answer, whose power bank only another station listed, which lists it no more."""
    rental = network.start(network.customer())
    assert rental.powerbank_sn == TWIN
    seconds(network, 700)
    ejects.sweep(network.world)
    seconds(network, 60)
    network.report_snapshot(CIVIL, plus=(8, TWIN))
    assert network.rental(rental).state is RentalState.COMPLETED
    seconds(network, 600)
    network.report_snapshot(CIVIL)
    assert network.rental(rental).state is RentalState.ACTIVE
    return rental


def its_own_station_lists_it(network: Network) -> None:
    for _ in range(2):
        seconds(network, 600)
        network.report_snapshot(LABIM)


def test_a_bank_that_only_a_twin_had_out_costs_nothing(network: Network) -> None:
    rental = undone_by_a_twin(network)
    its_own_station_lists_it(network)
    ended, left = network.rental(rental), account(rental.user_id)
    assert (ended.state, ended.payment_status()) == (RentalState.FAILED, RentalPaymentStatus.REFUNDED)
    assert (paid_paisa(ended), left.open_rental_id, left.last_rental_at) == (0, None, None)
    assert (network.bank(TWIN).custody, network.bank(TWIN).owner, place(network)) == (Custody.SLOT, None, PLACE)
    assert network.books_balance()


SHOWS_IT_OUT: dict[str, Callable[[Network], object]] = {
    "a list without it": lambda network: network.report_snapshot(LABIM, without=TWIN),
    "a slot change": lambda network: network.report_slot_change(LABIM, TWIN, slot=2),
    "an answer": lambda network: network.report_eject(LABIM, TWIN, EJECTED),
}


@pytest.mark.parametrize("shows_it_out", SHOWS_IT_OUT.values(), ids=SHOWS_IT_OUT)
def test_a_bank_that_its_own_station_shows_out_is_paid(
    network: Network, shows_it_out: Callable[[Network], object]
) -> None:
    rental = undone_by_a_twin(network)
    shows_it_out(network)
    its_own_station_lists_it(network)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert paid_paisa(network.rental(rental)) > 0
    assert network.books_balance()


def test_a_late_answer_that_it_came_out_is_paid(network: Network) -> None:
    rental = undone_by_a_twin(network)
    its_own_station_lists_it(network)
    network.report_eject(LABIM, TWIN, EJECTED, rental.requested_at + timedelta(seconds=2))
    assert network.rental(rental).state is RentalState.COMPLETED
    assert (network.bank(TWIN).custody, place(network)) == (Custody.SLOT, PLACE)
    assert network.books_balance()
