"""A cabinet lists a power bank that has left it, or that is elsewhere, or is gone again after a doubtful return."""

from io import StringIO

import pytest

from chalicelib.domain.cabinets.custody import Custody
from chalicelib.domain.operations.alarms import Alarm
from chalicelib.domain.rentals.rental_state import RentalState
from chalicelib.services.rentals import starting
from chalicelib.services.rentals.starting import RentalOrder
from tests.world.builders import CIVIL, LABIM, account
from tests.world.log_lines import alarms_count
from tests.world.network import EJECTED, HOUR, PAY_AS_YOU_GO, Network

OWN = 2
BANK = "40818052"


def minutes(network: Network, count: float) -> None:
    network.fake_world.clock.advance(minutes=count)


def listing(network: Network, *, lists: bool) -> None:
    """A snapshot of the rental's station, which lists the power bank in its old slot or shows the slot empty."""
    network.report_snapshot(LABIM, without=None if lists else BANK)


@pytest.mark.parametrize("late_seconds", [6, 60, 600])
def test_a_snapshot_read_before_the_eject_ends_nothing(network: Network, late_seconds: int) -> None:
    rental = network.rented(network.customer())
    network.fake_world.clock.advance(seconds=late_seconds)
    listing(network, lists=True)
    assert network.rental(rental).state is RentalState.ACTIVE
    minutes(network, 20)
    listing(network, lists=False)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.bank(BANK).custody is Custody.RENTED
    assert network.books_balance()


def test_an_old_list_repeated_for_hours_ends_nothing_and_raises_one_alarm(
    network: Network, log_output: StringIO
) -> None:
    user = network.customer()
    rental = network.rented(user)
    read_at = network.world.now()
    for _ in range(9):
        minutes(network, 20)
        network.report_snapshot(LABIM, read_at=read_at)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert account(user).open_rental_id == rental.rental_id
    assert alarms_count(log_output, Alarm.POWERBANK_IN_TWO_PLACES) == 1
    network.report_return(CIVIL, BANK)
    for _ in range(3):
        minutes(network, 20)
        network.report_snapshot(LABIM, read_at=read_at)
    assert (network.bank(BANK).station_sn, network.bank(BANK).slot_number) == (CIVIL.sn, 8)
    assert network.rental(rental).return_station is not None
    assert network.books_balance()


def test_a_return_frame_into_the_own_slot_ends_at_once(network: Network) -> None:
    rental = network.rented(network.customer())
    minutes(network, 1)
    network.report_return(LABIM, BANK, slot=OWN)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.fake_world.cabinets.checks == []


@pytest.mark.parametrize("second", ["slot_change", "snapshot"])
def test_a_slot_change_in_the_own_slot_is_checked_and_ends_at_the_second_report(
    network: Network, second: str
) -> None:
    rental = network.rented(network.customer())
    minutes(network, 10)
    network.report_slot_change(LABIM, BANK, slot=OWN)
    came_at = network.world.now()
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    network.fake_world.clock.advance(seconds=3)
    if second == "snapshot":
        listing(network, lists=True)
    else:
        network.report_slot_change(LABIM, BANK, slot=OWN)
    ended = network.rental(rental)
    assert ended.state is RentalState.COMPLETED
    assert ended.ended_at is not None
    assert ended.ended_at <= came_at
    assert network.bank(BANK).slot_number == OWN
    assert network.books_balance()


def test_a_slot_that_was_empty_and_lists_the_bank_again_ends_at_the_second_report(network: Network) -> None:
    rental = network.rented(network.customer())
    minutes(network, 10)
    listing(network, lists=False)
    minutes(network, 10)
    listing(network, lists=True)
    assert network.rental(rental).state is RentalState.ACTIVE
    assert network.fake_world.cabinets.checks == [LABIM.imei]
    network.fake_world.clock.advance(seconds=2)
    listing(network, lists=True)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.bank(BANK).slot_number == OWN


def doubtful_return(network: Network) -> None:
    network.report_slot_change(LABIM, BANK, slot=OWN)
    network.fake_world.clock.advance(seconds=3)
    listing(network, lists=True)


def test_a_bank_gone_again_after_a_doubtful_return_is_its_customers(network: Network) -> None:
    user = network.customer()
    rental = network.rented(user)
    before = account(user)
    minutes(network, 10)
    doubtful_return(network)
    assert network.rental(rental).state is RentalState.COMPLETED
    minutes(network, 20)
    listing(network, lists=False)
    again = network.rental(rental)
    assert (again.state, again.ended_at, again.due_at) == (RentalState.ACTIVE, None, rental.due_at)
    assert account(user).open_rental_id == rental.rental_id
    assert (account(user).wallet_paisa, account(user).points) == (before.wallet_paisa, before.points)
    assert (network.bank(BANK).custody, network.bank(BANK).rental_id) == (Custody.RENTED, rental.rental_id)
    assert network.books_balance()
    minutes(network, 10)
    network.report_return(CIVIL, BANK)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert network.books_balance()


@pytest.mark.parametrize("package", [HOUR, PAY_AS_YOU_GO])
def test_a_doubtful_return_that_cost_something_is_left_to_a_person(
    network: Network, log_output: StringIO, package: str
) -> None:
    rental = network.rented(network.customer(), package=package)
    for _ in range(9):
        minutes(network, 10)
        listing(network, lists=False)
    network.fake_world.clock.advance(seconds=10)
    doubtful_return(network)
    ended = network.rental(rental)
    minutes(network, 20)
    listing(network, lists=False)
    assert network.rental(rental) == ended
    assert alarms_count(log_output, Alarm.RENTAL_NOT_REOPENED) == 1
    assert network.bank(BANK).custody is Custody.UNKNOWN
    assert network.books_balance()


def test_a_return_frame_makes_a_doubtful_return_certain(network: Network, log_output: StringIO) -> None:
    rental = network.rented(network.customer())
    minutes(network, 10)
    doubtful_return(network)
    network.report_return(LABIM, BANK, slot=OWN)
    minutes(network, 20)
    listing(network, lists=False)
    assert network.rental(rental).state is RentalState.COMPLETED
    assert alarms_count(log_output, Alarm.POWERBANK_VANISHED) == 1


def test_another_customers_rental_ends_the_doubt(network: Network) -> None:
    first = network.rented(network.customer())
    minutes(network, 10)
    doubtful_return(network)
    second = network.rented(network.customer())
    assert second.powerbank_sn == BANK
    minutes(network, 20)
    listing(network, lists=False)
    assert network.rental(first).state is RentalState.COMPLETED
    assert network.rental(second).state is RentalState.ACTIVE
    assert network.books_balance()


def test_two_banks_with_one_number_raise_one_alarm_and_stay(network: Network, log_output: StringIO) -> None:
    minutes(network, 1)
    network.report_snapshot(CIVIL, plus=(8, BANK))
    for _ in range(4):
        minutes(network, 20)
        listing(network, lists=True)
        network.report_snapshot(CIVIL, plus=(8, BANK))
    bank = network.bank(BANK)
    assert (bank.custody, bank.station_sn, bank.slot_number) == (Custody.SLOT, CIVIL.sn, 8)
    assert alarms_count(log_output, Alarm.POWERBANK_IN_TWO_PLACES) == 1


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_twin_listed_elsewhere_all_along_ends_no_rental(
    network: Network, log_output: StringIO, *, confirmed: bool
) -> None:
    minutes(network, 1)
    network.report_snapshot(CIVIL, plus=(8, BANK))
    minutes(network, 1)
    order = RentalOrder(CIVIL.sn, HOUR, BANK)
    caller = network.sessions[network.customer()].caller(network.world, *order.prefetch_keys())
    rental = starting.start(network.world, caller, order)
    if confirmed:
        network.fake_world.clock.advance(seconds=2)
        network.report_eject(CIVIL, BANK, EJECTED)
    for _ in range(3):
        minutes(network, 2)
        listing(network, lists=True)
    assert network.rental(rental).state is (RentalState.ACTIVE if confirmed else RentalState.STARTING)
    assert alarms_count(log_output, Alarm.POWERBANK_IN_TWO_PLACES) == 1
    assert network.books_balance()


def test_one_cabinet_that_lists_a_number_twice_moves_nothing(network: Network, log_output: StringIO) -> None:
    for _ in range(3):
        minutes(network, 20)
        network.report_snapshot(LABIM, plus=(8, BANK))
    assert network.bank(BANK).slot_number == OWN
    assert alarms_count(log_output, Alarm.POWERBANK_IN_TWO_PLACES) == 1


def test_a_quarantined_bank_stays_where_the_last_return_frame_put_it(network: Network, log_output: StringIO) -> None:
    minutes(network, 1)
    network.report_return(CIVIL, BANK)
    for _ in range(3):
        minutes(network, 20)
        listing(network, lists=True)
    bank = network.bank(BANK)
    assert (bank.custody, bank.station_sn) == (Custody.QUARANTINE, CIVIL.sn)
    assert alarms_count(log_output, Alarm.POWERBANK_IN_TWO_PLACES) == 1
